/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.UdpChannel.Arrival;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket. Between sockets of one machine datagrams keep their order, and none is lost but for want of room.
 *
 * <p>The world's lock is held.
 */
final class UdpSocket extends SimulatedSocket {

    private static final int LONGEST_OVER_IPV4 = 65_507;
    private static final int LONGEST_OVER_IPV6 = 65_527;

    /** A socket connected with the sender goes before any that is not. */
    private static final int CONNECTED_WITH_SENDER = 10;

    private final LocalEnd<UdpSocket> end;
    private final DatagramQueue queue = new DatagramQueue();
    private final Set<InetAddress> groups = new HashSet<>();
    private @Nullable InetSocketAddress remote;
    private @Nullable Fault error;
    private int sendBufferSize;
    private boolean reusesAddress;
    private boolean broadcasts;
    private boolean loopsMulticast = true;

    UdpSocket(SimulatedProcess process, boolean ipv6) {
        super(process);
        sendBufferSize = world.options().bufferSize();
        end = new LocalEnd<>(world.udpPorts(), this, ipv6, credentials().uid() == 0);
    }

    @Override
    HandleKind kind() {
        return HandleKind.UDP;
    }

    @Override
    String description() {
        return "a UDP socket";
    }

    /** For a socket that sends it is where to, which only a connected one knows by itself. */
    @Override
    String serverName() {
        InetSocketAddress known = remote;
        return Loopback.text(known != null ? known : end.address());
    }

    static boolean mayShare(UdpSocket asking, UdpSocket present) {
        return asking.reusesAddress && present.reusesAddress;
    }

    void bind(InetSocketAddress address, boolean onlyIpv6, boolean reuse) throws KernelException {
        reusesAddress = reuse;
        end.bind(address, onlyIpv6, true);
    }

    /** Sets the other end, or forgets it; the own address then is again what it was, or none if nobody asked for it. */
    void connect(@Nullable InetSocketAddress to) throws KernelException {
        if (to == null) {
            if (remote != null) {
                remote = null;
                end.restore();
            }
            return;
        }
        InetAddress destination = destination(to, "connect");
        InetAddress source = end.source(destination);
        end.bindAny(source, "connect");
        end.narrow(source);
        remote = new InetSocketAddress(destination, to.getPort());
    }

    private InetAddress destination(InetSocketAddress to, String call) throws KernelException {
        InetAddress destination = end.destination(to, call);
        if (Loopback.isBroadcast(destination)) {
            if (!broadcasts) {
                throw new KernelException(Fault.EACCES, 0, call, "broadcast is not switched on for this socket");
            }
        } else if (!destination.isMulticastAddress()) {
            Loopback.checkReachable(destination, call);
        }
        return destination;
    }

    /** Tells, once, that nobody has received an earlier datagram. */
    private void throwPending(String call) throws KernelException {
        Fault pending = error;
        error = null;
        if (pending != null) {
            throw new KernelException(pending, 0, call);
        }
    }

    void send(ByteBuffer data, int offset, int length, @Nullable InetSocketAddress to) throws KernelException {
        InetSocketAddress target = to == null ? remote : to;
        if (target == null) {
            // Linux says EDESTADDRREQ, for which there is no code.
            throw new KernelException(Fault.ENOTCONN, 0, "send", "name a receiver, or connect first");
        }
        if (target.getPort() == 0) {
            throw new KernelException(Fault.EINVAL, 0, "send", "nobody has port 0");
        }
        InetAddress destination = destination(target, "send");
        if (length > (Loopback.isIpv6(destination) ? LONGEST_OVER_IPV6 : LONGEST_OVER_IPV4)) {
            throw new KernelException(Fault.EMSGSIZE, 0, "send");
        }
        throwPending("send");
        end.bindAny("send");
        byte[] bytes = new byte[length];
        data.duplicate().clear().get(offset, bytes);
        InetSocketAddress from = new InetSocketAddress(end.source(destination), end.port());
        DatagramQueue.Datagram datagram = new DatagramQueue.Datagram(from, bytes);
        Link link = link(from, destination, target.getPort());
        if (link.isImmediate()) {
            deliver(datagram, destination, target.getPort());
            world.changed();
            return;
        }
        // No way of its own, and so no order, where some are longer under way than others.
        long nanos = link.sendingNanos(length) + link.latency(world.scheduler().random());
        world.clock().schedule(nanos, null, () -> {
            deliver(datagram, destination, target.getPort());
            world.changed();
        });
    }

    private void deliver(DatagramQueue.Datagram datagram, InetAddress destination, int port) {
        if (destination.isMulticastAddress()) {
            if (loopsMulticast) {
                toAll(datagram, destination, port, true);
            }
        } else if (Loopback.isBroadcast(destination)) {
            toAll(datagram, destination, port, false);
        } else {
            toBest(datagram, destination, port);
        }
    }

    private void toAll(DatagramQueue.Datagram datagram, InetAddress destination, int port, boolean members) {
        for (UdpSocket receiver : world.udpPorts().all(destination, port)) {
            if (receiver.takesFrom(datagram.sender()) && (!members || receiver.groups.contains(destination))) {
                receiver.take(datagram);
            }
        }
    }

    /** Of several that share an address the one bound last gets it. If nobody does, a connected sender is told. */
    private void toBest(DatagramQueue.Datagram datagram, InetAddress destination, int port) {
        List<UdpSocket> receivers = receivers(datagram.sender(), destination, port);
        if (!receivers.isEmpty()) {
            receivers.getLast().take(datagram);
        } else if (new InetSocketAddress(destination, port).equals(remote)) {
            error = Fault.ECONNREFUSED;
        }
    }

    private List<UdpSocket> receivers(InetSocketAddress sender, InetAddress destination, int port) {
        return world.udpPorts().best(destination, port, receiver -> {
            if (!receiver.takesFrom(sender)) {
                return -1;
            }
            return receiver.remote == null ? 0 : CONNECTED_WITH_SENDER;
        });
    }

    /** Returns the link on the way to an address; to many at once no two processes have one. */
    private Link link(InetSocketAddress sender, InetAddress destination, int port) {
        List<UdpSocket> receivers = receivers(sender, destination, port);
        return world.links().find(
                Loopback.text(new InetSocketAddress(destination, port)),
                process(),
                receivers.isEmpty() ? null : receivers.getLast().process());
    }

    private boolean takesFrom(InetSocketAddress sender) {
        InetSocketAddress only = remote;
        return only == null || only.equals(sender);
    }

    private void take(DatagramQueue.Datagram datagram) {
        queue.offer(datagram, receiveBufferSize());
    }

    /** Receives one datagram as {@link io.panpipe.internal.kernel.UdpChannel#receive} says. */
    int receive(ByteBuffer into, int offset, int length, Arrival arrival) throws KernelException {
        throwPending("receive");
        DatagramQueue.Datagram datagram = queue.poll();
        if (datagram == null) {
            return Channel.WOULD_BLOCK;
        }
        int count = Math.min(length, datagram.bytes().length);
        into.put(offset, datagram.bytes(), 0, count);
        arrival.set(datagram.sender(), datagram.bytes().length > length);
        return count;
    }

    InetSocketAddress localAddress() {
        return end.address();
    }

    InetSocketAddress peerAddress() throws KernelException {
        InetSocketAddress other = remote;
        if (other == null) {
            throw new KernelException(Fault.ENOTCONN, 0, "getpeername");
        }
        return other;
    }

    /** There is but one interface; and, in contrast to Linux's default, who has not joined does not receive. */
    void membership(InetAddress group, boolean join) throws KernelException {
        if (!group.isMulticastAddress() || Loopback.isIpv6(group) && !end.ipv6()) {
            throw new KernelException(Fault.EINVAL, 0, "setsockopt", group.getHostAddress() + " is no group here");
        }
        if (join ? !groups.add(group) : !groups.remove(group)) {
            throw new KernelException(join ? Fault.EADDRINUSE : Fault.EADDRNOTAVAIL, 0, "setsockopt");
        }
    }

    void broadcast(boolean on) {
        broadcasts = on;
    }

    void multicastLoop(boolean on) {
        loopsMulticast = on;
    }

    @Override
    int readiness() {
        boolean readable = error != null || !queue.isEmpty();
        return readable ? Channel.READ | Channel.WRITE : Channel.WRITE;
    }

    @Override
    int triable() {
        return Channel.READ | Channel.WRITE;
    }

    @Override
    int sendBufferSize() {
        return sendBufferSize;
    }

    /** Noted only: what is sent is with its receiver at once. */
    @Override
    void setSendBufferSize(int bytes) {
        sendBufferSize = bytes;
    }

    @Override
    void closed() {
        end.unbind();
    }
}
