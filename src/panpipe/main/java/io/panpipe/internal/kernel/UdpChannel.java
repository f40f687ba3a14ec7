/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A UDP socket: whole datagrams, each sent or received at once or not at all. */
public interface UdpChannel extends Channel {

    /** {@link #bind} option: an IPv6 wildcard address does not take IPv4 datagrams as well. */
    int IPV6_ONLY = 1;

    /** {@link #bind} option: other sockets may bind the address too, as receivers of multicast do. */
    int REUSE_ADDRESS = 1 << 1;

    /** What {@link #receive} found. One object serves a loop's receives. */
    final class Arrival {
        private @Nullable InetSocketAddress sender;
        private boolean truncated;

        /** Notes a datagram's sender, and whether it was longer than the region. */
        public void set(InetSocketAddress from, boolean cut) {
            sender = from;
            truncated = cut;
        }

        /** Returns who sent the datagram. */
        public @Nullable InetSocketAddress sender() {
            return sender;
        }

        /** Tells whether the datagram was longer than the region. */
        public boolean isTruncated() {
            return truncated;
        }
    }

    /** Binds to an address; port 0 for one that the system picks. */
    void bind(InetSocketAddress address, int options) throws KernelException;

    /** Sets where datagrams go and from whom they are taken; null takes this back. */
    void connect(@Nullable InetSocketAddress address) throws KernelException;

    /**
     * Sends one datagram.
     *
     * @param data any buffer that this thread may read; position and limit do not matter
     * @param offset where it begins
     * @param length its bytes, 0 or more
     * @param to the receiver, or null for the connected one
     * @return {@code length}, or {@link #WOULD_BLOCK}
     * @throws KernelException EMSGSIZE if it is too long, ECONNREFUSED for an earlier one that nobody received, …
     */
    int send(ByteBuffer data, int offset, int length, @Nullable InetSocketAddress to) throws KernelException;

    /**
     * Receives one datagram.
     *
     * @return its bytes, 0 or more, or {@link #WOULD_BLOCK}
     */
    int receive(Region into, int offset, int length, Arrival arrival) throws KernelException;

    /** Returns the address of this end. */
    InetSocketAddress localAddress() throws KernelException;

    /** Returns the address it is connected to; ENOTCONN without one. */
    InetSocketAddress peerAddress() throws KernelException;

    /** Joins a multicast group on an interface, or on one that the system picks for null; or leaves it. */
    void membership(InetAddress group, @Nullable NetworkInterface on, boolean join) throws KernelException;

    /** Lets datagrams go to broadcast addresses, or refuses. */
    void broadcast(boolean on) throws KernelException;

    /** Sets how many hops a datagram may go, 1 to 255. */
    void ttl(int hops) throws KernelException;

    /** Sets how many hops a multicast datagram may go, 0 to 255. */
    void multicastTtl(int hops) throws KernelException;

    /** Sets whether this machine receives its own multicast datagrams. */
    void multicastLoop(boolean on) throws KernelException;

    /** Sets the interface by which multicast datagrams leave. */
    void multicastInterface(NetworkInterface by) throws KernelException;
}
