/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.TcpChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A TCP connection, or a server of such.
 *
 * <p>A server binds, listens and accepts; a client connects; both then read and write, as with a {@link Pipe}. Addresses
 * must be resolved: name look-ups block, and are not the loop's.
 *
 * @since 0.1
 */
public final class Tcp extends StreamHandle<Tcp> {

    private static final int MOST_IDLE_SECONDS = 32_767;

    /**
     * Makes a TCP handle that is not connected yet.
     *
     * @param loop the loop to run in, on whose thread this is called
     */
    public Tcp(Loop loop) {
        super(loop);
    }

    /**
     * Binds to an address, as the server does. A port in TIME_WAIT is taken (SO_REUSEADDR, as in libuv).
     *
     * @param address resolved; IPv4 or IPv6, port 0 for one that the system picks
     * @param options how to bind
     * @throws PanpipeException EADDRINUSE if another socket has the address, EADDRNOTAVAIL if this machine does not,
     *     EACCES for a port that takes privileges
     * @throws IllegalArgumentException if the address is not resolved
     * @throws IllegalStateException if this handle is bound or connected already
     */
    public void bind(InetSocketAddress address, TcpOption... options) throws PanpipeException {
        core().checkUnused();
        core().rename(checkResolved(address));
        List<TcpOption> asked = List.of(options);
        int flags = (asked.contains(TcpOption.IPV6_ONLY) ? TcpChannel.IPV6_ONLY : 0)
                | (asked.contains(TcpOption.REUSE_PORT) ? TcpChannel.REUSE_PORT : 0);
        try {
            TcpChannel fresh = newChannel();
            fresh.bind(address, flags);
            core().rename(text(fresh.localAddress()));
        } catch (KernelException refused) {
            core().closeChannel(true);
            throw failure(refused);
        }
        core().bound();
    }

    private TcpChannel newChannel() throws KernelException {
        TcpChannel fresh = core().loop().selector().newTcp();
        core().channel(fresh);
        return fresh;
    }

    static String checkResolved(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    address + " is not resolved: use an address, or new InetSocketAddress(host, port) on another thread");
        }
        return text(address);
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /**
     * Connects to a server, for as long as the system tries; see {@link #connect(InetSocketAddress, Duration,
     * StreamCallback)}.
     *
     * @param address the server's, resolved
     * @param callback called once
     */
    public void connect(InetSocketAddress address, StreamCallback<? super Tcp> callback) {
        connect(address, -1, callback);
    }

    /**
     * Connects to a server. Data may be written at once; it is sent when connected.
     *
     * @param address the server's, resolved
     * @param timeout how long to try, zero or more; the error is then ETIMEDOUT
     * @param callback called once: with null when connected, or with ECONNREFUSED if nobody listens there, ENETUNREACH,
     *     …; the handle may then be used anew, though no longer bound after ETIMEDOUT
     * @throws IllegalArgumentException if the address is not resolved
     * @throws IllegalStateException if the handle is connected, connecting or listening
     */
    public void connect(InetSocketAddress address, Duration timeout, StreamCallback<? super Tcp> callback) {
        connect(address, Timer.nanos(timeout, "timeout"), callback);
    }

    private void connect(InetSocketAddress address, long timeoutNanos, StreamCallback<? super Tcp> callback) {
        core().checkConnectable();
        Objects.requireNonNull(callback, "callback");
        String peer = checkResolved(address);
        core().connect(
                peer,
                () -> (core().channelOrNull() == null ? newChannel() : (TcpChannel) core().channel()).connect(address),
                timeoutNanos,
                callback);
    }

    /**
     * Adopts an open TCP socket, listening, connected or neither. It belongs to this handle from now on; its blocking
     * mode is left alone, and the loop does not block on it; but where several processes accept from one listener in
     * blocking mode, one may wait for a connection that another took.
     *
     * @param descriptor the descriptor's number
     * @throws PanpipeException EBADF if it is not open, EEXIST if a handle of this loop has it, which
     *     is not noticed of a {@link RawDescriptor}, EINVAL if it is no TCP
     *     socket; it then still belongs to the caller
     * @throws IllegalStateException if this handle is in use
     */
    public void open(long descriptor) throws PanpipeException {
        core().checkUnused();
        TcpChannel adopted;
        try {
            adopted = core().loop().selector().adoptTcp(descriptor);
        } catch (KernelException refused) {
            throw failure(refused);
        }
        core().adopt(adopted);
    }

    /**
     * Returns the address of this end.
     *
     * @return the address; its port is the one that the system picked, where 0 was asked for
     * @throws PanpipeException EBADF if there is no descriptor yet
     */
    public InetSocketAddress localAddress() throws PanpipeException {
        try {
            return tcpChannel("getsockname").localAddress();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Returns the address of the other end.
     *
     * @return the address
     * @throws PanpipeException ENOTCONN if it is not connected, EBADF if there is no descriptor yet
     */
    public InetSocketAddress peerAddress() throws PanpipeException {
        try {
            return tcpChannel("getpeername").peerAddress();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Sends small segments at once, or collects them while earlier ones are unacknowledged (TCP_NODELAY, tcp(7)).
     *
     * @param on whether to send at once; at first it is off, as in libuv
     * @throws PanpipeException EBADF if there is no descriptor yet
     */
    public void noDelay(boolean on) throws PanpipeException {
        try {
            tcpChannel("setsockopt").noDelay(on);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Probes the connection when it is silent (SO_KEEPALIVE, TCP_KEEPIDLE).
     *
     * @param idle silence before the first probe, in whole seconds from 1 to 32,767; zero for no probes
     * @throws PanpipeException EBADF if there is no descriptor yet
     */
    public void keepAlive(Duration idle) throws PanpipeException {
        long seconds = idle.toSeconds();
        if (idle.isNegative() || seconds > MOST_IDLE_SECONDS || seconds == 0 && !idle.isZero()) {
            throw new IllegalArgumentException("not 0 or 1 to 32,767 seconds: " + idle);
        }
        try {
            tcpChannel("setsockopt").keepAlive((int) seconds);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    private TcpChannel tcpChannel(String call) throws KernelException {
        return (TcpChannel) core().openChannel(call);
    }

    @Override
    public String toString() {
        return core().name().isEmpty() ? "Tcp" : "Tcp " + core().name();
    }
}
