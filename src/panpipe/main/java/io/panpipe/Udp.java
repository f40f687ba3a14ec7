/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.datagram.UdpCore;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.UdpChannel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends and receives UDP datagrams.
 *
 * <p>All methods are for the loop's thread. Addresses must be resolved.
 *
 * @since 0.1
 */
public final class Udp extends DescriptorHandle {

    private static final int MOST_HOPS = 255;

    private final UdpCore core;
    private boolean connected;

    /** An operation of the channel that the system may refuse. */
    private interface Operation {
        void on(UdpChannel channel) throws KernelException;
    }

    /**
     * Makes a UDP handle that has no socket yet.
     *
     * @param loop the loop to run in, on whose thread this is called
     */
    public Udp(Loop loop) {
        core = new UdpCore(Loop.coreOf(loop), this, UserCode.ENTRY);
    }

    @Override
    UdpCore core() {
        return core;
    }

    private void run(Operation operation) throws PanpipeException {
        checkUsable();
        try {
            operation.on(core.udpChannel());
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /** Sets an option of a socket that there has to be. */
    private void set(Operation operation) throws PanpipeException {
        try {
            core.openChannel("setsockopt");
        } catch (KernelException refused) {
            throw failure(refused);
        }
        run(operation);
    }

    /**
     * Binds to an address, to receive what is sent there.
     *
     * @param address resolved; port 0 for one that the system picks
     * @param options how to bind
     * @throws PanpipeException EADDRINUSE if another socket has the address, EINVAL if this one is bound already, …
     */
    public void bind(InetSocketAddress address, UdpOption... options) throws PanpipeException {
        core.rename(Tcp.checkResolved(address));
        List<UdpOption> asked = List.of(options);
        int flags = (asked.contains(UdpOption.IPV6_ONLY) ? UdpChannel.IPV6_ONLY : 0)
                | (asked.contains(UdpOption.REUSE_ADDRESS) ? UdpChannel.REUSE_ADDRESS : 0);
        run(channel -> channel.bind(address, flags));
    }

    /**
     * Sets where datagrams without a receiver of their own go, and takes datagrams only from there.
     *
     * @param address resolved
     * @throws PanpipeException if the system refuses
     */
    public void connect(InetSocketAddress address) throws PanpipeException {
        core.rename(Tcp.checkResolved(address));
        run(channel -> channel.connect(address));
        connected = true;
    }

    /**
     * Takes {@link #connect} back. Linux then forgets a port that it picked itself, though not one that was asked for.
     *
     * @throws PanpipeException if the system refuses
     */
    public void disconnect() throws PanpipeException {
        if (connected) {
            run(channel -> channel.connect(null));
            connected = false;
        }
    }

    /**
     * Adopts an open UDP socket, which belongs to this handle from now on; its blocking mode is left alone.
     *
     * @param descriptor the descriptor's number
     * @throws PanpipeException EBADF if it is not open, EEXIST if a handle of this loop has it, which
     *     is not noticed of a {@link RawDescriptor}, EINVAL if it is no UDP
     *     socket; it then still belongs to the caller
     * @throws IllegalStateException if this handle has a socket already
     */
    public void open(long descriptor) throws PanpipeException {
        checkUsable();
        if (core.channelOrNull() != null) {
            throw new IllegalStateException(this + " is in use already: make a new handle");
        }
        UdpChannel adopted;
        try {
            adopted = core.loop().selector().adoptUdp(descriptor);
        } catch (KernelException refused) {
            throw failure(refused);
        }
        core.adopt(adopted);
        try {
            adopted.peerAddress();
            connected = true;
        } catch (KernelException unconnected) {
            connected = false;
        }
    }

    /**
     * Sends a datagram; it leaves when the present callback returns, or when the system has room.
     *
     * @param data the bytes between position and limit, which are not moved; up to 65,507 over IPv4. The buffer belongs
     *     to the loop until the callback, but for the loop's own receive buffer, which may be given as it is
     * @param to the receiver, resolved
     * @param callback called once when the system has taken it, or with an error: EMSGSIZE if it is too long, EACCES for a
     *     broadcast address without {@link #broadcast}, …
     */
    public void send(ByteBuffer data, InetSocketAddress to, StreamCallback<? super Udp> callback) {
        checkUsable();
        Tcp.checkResolved(to);
        core.send(data, to, Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Sends a datagram to the address this handle is connected to.
     *
     * @param data as for {@link #send(ByteBuffer, InetSocketAddress, StreamCallback)}
     * @param callback called once
     * @throws IllegalStateException if it is not connected
     */
    public void send(ByteBuffer data, StreamCallback<? super Udp> callback) {
        checkUsable();
        if (!connected) {
            throw new IllegalStateException(this + " is not connected: name the receiver, or call connect first");
        }
        core.send(data, null, Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Sends a datagram at once, or not at all.
     *
     * @param data the bytes between position and limit
     * @param to the receiver, resolved
     * @return its bytes
     * @throws PanpipeException EAGAIN if it cannot be sent now, also because earlier ones are queued
     */
    public int trySend(ByteBuffer data, InetSocketAddress to) throws PanpipeException {
        checkUsable();
        Tcp.checkResolved(to);
        try {
            return core.trySend(data, to);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Starts receiving. A handle that is not bound yet is bound to a port that the system picks.
     *
     * @param callback called for each datagram
     * @throws PanpipeException if the system refuses
     * @throws IllegalStateException if it receives already
     */
    public void startRecv(UdpReceiveCallback callback) throws PanpipeException {
        checkUsable();
        Objects.requireNonNull(callback, "callback");
        if (!core.hasSocket()) {
            bind(new InetSocketAddress(0));
        }
        try {
            core.startReceiving(callback);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /** Stops receiving; no more is called back. Idempotent. */
    public void stopRecv() {
        checkThread();
        core.stopReceiving();
    }

    /**
     * Returns how much is queued: given to {@code send} and not yet taken by the system.
     *
     * @return bytes
     */
    public long sendQueueSize() {
        checkThread();
        return core.sendQueueSize();
    }

    /**
     * Returns the address of this end.
     *
     * @return the address
     * @throws PanpipeException EBADF if there is no socket yet
     */
    public InetSocketAddress localAddress() throws PanpipeException {
        try {
            return ((UdpChannel) core.openChannel("getsockname")).localAddress();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Returns the address this handle is connected to.
     *
     * @return the address
     * @throws PanpipeException ENOTCONN if it is not connected, EBADF if there is no socket yet
     */
    public InetSocketAddress peerAddress() throws PanpipeException {
        try {
            return ((UdpChannel) core.openChannel("getpeername")).peerAddress();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Receives what is sent to a multicast group.
     *
     * @param group a multicast address; an IPv6 one may name the interface as its scope
     * @param on the interface, or null for that of the scope, or else one that the system picks
     * @throws PanpipeException EINVAL if it is no multicast address, or its scope is another interface; ENODEV if the
     *     interface cannot, …; on macOS EADDRNOTAVAIL for an IPv4 group on an interface without an IPv4 address
     */
    public void join(InetAddress group, @Nullable NetworkInterface on) throws PanpipeException {
        NetworkInterface by = scope(group, on);
        run(channel -> channel.membership(group, by, true));
    }

    /**
     * Receives no more of what is sent to a multicast group.
     *
     * @param group as given to {@link #join}
     * @param on as given to {@link #join}
     * @throws PanpipeException EADDRNOTAVAIL if it was not joined
     */
    public void leave(InetAddress group, @Nullable NetworkInterface on) throws PanpipeException {
        NetworkInterface by = scope(group, on);
        run(channel -> channel.membership(group, by, false));
    }

    /** Returns the interface that is meant: the one given, or that of the group's scope. */
    private @Nullable NetworkInterface scope(InetAddress group, @Nullable NetworkInterface on) throws PanpipeException {
        int scope = group instanceof Inet6Address scoped ? scoped.getScopeId() : 0;
        if (scope == 0) {
            return on;
        }
        if (on != null && on.getIndex() != scope) {
            throw new PanpipeException(ErrorCode.EINVAL, "setsockopt", core.name(),
                    "the group's scope is interface " + scope + ", and not " + on.getName()).traced();
        }
        try {
            NetworkInterface named = on != null ? on : NetworkInterface.getByIndex(scope);
            if (named != null) {
                return named;
            }
        } catch (SocketException unknown) {
            // As if there were none.
        }
        throw new PanpipeException(ErrorCode.ENODEV, "setsockopt", core.name(), "there is no interface " + scope).traced();
    }

    /**
     * Lets datagrams go to broadcast addresses, or refuses that, as at first.
     *
     * @param on whether they may
     * @throws PanpipeException EBADF if there is no socket yet
     */
    public void broadcast(boolean on) throws PanpipeException {
        set(channel -> channel.broadcast(on));
    }

    /**
     * Sets how many hops a datagram may go.
     *
     * @param hops 1 to 255
     * @throws PanpipeException EBADF if there is no socket yet
     */
    public void ttl(int hops) throws PanpipeException {
        checkHops(hops, 1);
        set(channel -> channel.ttl(hops));
    }

    /**
     * Sets how many hops a multicast datagram may go; at first 1.
     *
     * @param hops 0 to 255; 0 keeps it on this machine
     * @throws PanpipeException EBADF if there is no socket yet
     */
    public void multicastTtl(int hops) throws PanpipeException {
        checkHops(hops, 0);
        set(channel -> channel.multicastTtl(hops));
    }

    private static void checkHops(int hops, int least) {
        if (hops < least || hops > MOST_HOPS) {
            throw new IllegalArgumentException("not " + least + " to " + MOST_HOPS + ": " + hops);
        }
    }

    /**
     * Sets whether this machine receives the multicast datagrams that it sends; at first it does.
     *
     * @param on whether it does
     * @throws PanpipeException EBADF if there is no socket yet
     */
    public void multicastLoop(boolean on) throws PanpipeException {
        set(channel -> channel.multicastLoop(on));
    }

    /**
     * Sets the interface by which multicast datagrams leave.
     *
     * @param by the interface
     * @throws PanpipeException EBADF if there is no socket yet
     */
    public void multicastInterface(NetworkInterface by) throws PanpipeException {
        set(channel -> channel.multicastInterface(by));
    }

    @Override
    public String toString() {
        return core.name().isEmpty() ? "Udp" : "Udp " + core.name();
    }
}
