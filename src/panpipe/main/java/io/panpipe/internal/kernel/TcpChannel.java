/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A {@link StreamChannel} over TCP. */
public interface TcpChannel extends StreamChannel {

    /** {@link #bind} option: an IPv6 wildcard address does not take IPv4 connections as well. */
    int IPV6_ONLY = 1;

    /** {@link #bind} option: other sockets of the same user may bind the address too, and share its connections. */
    int REUSE_PORT = 1 << 1;

    /**
     * Binds to an address; a port left behind in TIME_WAIT is taken.
     *
     * @param address resolved; port 0 for one that the system picks
     * @param options 0, {@link #IPV6_ONLY}, {@link #REUSE_PORT}
     */
    void bind(InetSocketAddress address, int options) throws KernelException;

    /**
     * Connects to an address.
     *
     * @return true when connected, false when the selector will say so by {@link StreamChannel#CONNECT}
     */
    boolean connect(InetSocketAddress address) throws KernelException;

    @Override
    @Nullable TcpChannel accept() throws KernelException;

    /** Returns the address of this end. */
    InetSocketAddress localAddress() throws KernelException;

    /** Returns the address of the other end; ENOTCONN without one. */
    InetSocketAddress peerAddress() throws KernelException;

    /** Sends small segments at once (TCP_NODELAY), or collects them. */
    void noDelay(boolean on) throws KernelException;

    /**
     * Probes an idle connection, or leaves it alone.
     *
     * @param idleSeconds seconds of silence before the first probe, 1 or more; 0 for no probes
     */
    void keepAlive(int idleSeconds) throws KernelException;
}
