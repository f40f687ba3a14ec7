/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.UdpChannel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A UDP socket; its family is that of the first address it meets. */
final class UdpSocket extends UnixChannel implements UdpChannel {

    /** More than any datagram has. */
    static final int MOST_BYTES = 65_535;

    /** The size of struct sockaddr, which is the least that some systems take. */
    private static final int PLAIN_ADDRESS = 16;

    private boolean ipv6;

    UdpSocket(UnixSelector selector) {
        super(selector);
    }

    /** Takes an open socket, which others may hold as well. */
    UdpSocket(UnixSelector selector, int descriptor, boolean ipv6) {
        super(selector);
        this.ipv6 = ipv6;
        opened(descriptor);
        markShared();
    }

    @Override
    public boolean hasErrorQueue() {
        return true;
    }

    private void open(boolean asIpv6) throws KernelException {
        if (fd() == NONE) {
            UnixSystem system = selector.system;
            ipv6 = asIpv6;
            int family = InternetAddress.family(system, ipv6);
            opened(system.check(system.socket(selector.state, family, UnixSystem.SOCK_DGRAM), "socket"));
        }
    }

    @Override
    public void bind(InetSocketAddress address, int options) throws KernelException {
        open(InternetAddress.isIpv6(address));
        UnixSystem.Numbers numbers = selector.system.numbers();
        UnixSystem.Internet internet = selector.system.internet();
        if ((options & REUSE_ADDRESS) != 0) {
            option(numbers.solSocket(), selector.system.reuseOfUdp(), 1);
        }
        if (ipv6) {
            option(UnixSystem.IPPROTO_IPV6, internet.ipv6V6only(), (options & IPV6_ONLY) != 0 ? 1 : 0);
        }
        MemorySegment at = selector.scratch.address();
        int length = InternetAddress.put(selector.system, at, address, ipv6);
        selector.system.check(UnixCalls.bind(selector.state, fd(), at.address(), length), "bind");
    }

    @Override
    public void connect(@Nullable InetSocketAddress address) throws KernelException {
        MemorySegment at = selector.scratch.address();
        int length = PLAIN_ADDRESS;
        if (address == null) {
            // AF_UNSPEC dissolves the association (connect(2)).
            at.fill((byte) 0);
        } else {
            open(InternetAddress.isIpv6(address));
            length = InternetAddress.put(selector.system, at, address, ipv6);
        }
        UnixSystem system = selector.system;
        int result = UnixCalls.connect(selector.state, fd(), at.address(), length);
        if (result < 0 && (address != null || !system.dissolves(system.fault(-result)))) {
            throw system.failure(result, "connect");
        }
    }

    @Override
    public int send(ByteBuffer data, int offset, int length, @Nullable InetSocketAddress to) throws KernelException {
        if (length > MOST_BYTES) {
            throw new KernelException(Fault.EMSGSIZE, 0, "sendto");
        }
        MemorySegment at = selector.scratch.address();
        int addressLength = 0;
        if (to != null) {
            open(InternetAddress.isIpv6(to));
            addressLength = InternetAddress.put(selector.system, at, to, ipv6);
        }
        UnixSystem.Numbers numbers = selector.system.numbers();
        int flags = numbers.msgDontwait() | numbers.msgNosignal();
        try {
            int result = UnixCalls.sendto(selector.state, fd(), bytes(data, offset, length), length, flags,
                    to == null ? 0 : at.address(), addressLength);
            return doneOrBlocked(result, "sendto");
        } finally {
            // The address alone does not keep a direct buffer from being freed while the system reads it.
            Reference.reachabilityFence(data);
        }
    }

    /** Returns where a datagram's bytes are, copied to the loop's memory if the system cannot read them in place. */
    private long bytes(ByteBuffer data, int offset, int length) {
        if (data.isDirect() && selector.borrows(data)) {
            return LoopMemory.address(data) + offset;
        }
        Region staging = selector.datagram();
        staging.bytes().put(0, data, offset, length);
        return staging.address();
    }

    @Override
    public int receive(Region into, int offset, int length, Arrival arrival) throws KernelException {
        UnixSystem system = selector.system;
        UnixSystem.Numbers numbers = system.numbers();
        if (!system.tellsLengthOfDatagram()) {
            return receiveMessage(into, offset, length, arrival);
        }
        MemorySegment at = selector.scratch.address();
        MemorySegment size = selector.scratch.numbers();
        size.set(ValueLayout.JAVA_INT, 0, (int) at.byteSize());
        // MSG_TRUNC makes the result the datagram's own length, even where it does not fit.
        int result = doneOrBlocked(UnixCalls.recvfrom(selector.state, fd(), into.address() + offset, length,
                numbers.msgDontwait() | numbers.msgTrunc(), at.address(), size.address()), "recvfrom");
        if (result == WOULD_BLOCK) {
            return WOULD_BLOCK;
        }
        arrival.set(InternetAddress.get(system, at), result > length);
        return Math.min(result, length);
    }

    /** Receives where only recvmsg(2) tells that a datagram was cut. */
    private int receiveMessage(Region into, int offset, int length, Arrival arrival) throws KernelException {
        UnixSystem system = selector.system;
        SocketLayouts layouts = system.layouts();
        MemorySegment at = selector.scratch.address();
        MemorySegment message = selector.scratch.message(into.address() + offset, length);
        int result = doneOrBlocked(UnixCalls.recvmsg(
                selector.state, fd(), message.address(), system.numbers().msgDontwait()), "recvmsg");
        if (result == WOULD_BLOCK) {
            return WOULD_BLOCK;
        }
        boolean cut = (message.get(ValueLayout.JAVA_INT, layouts.msgFlags()) & system.numbers().msgTrunc()) != 0;
        arrival.set(InternetAddress.get(system, at), cut);
        return result;
    }

    @Override
    public InetSocketAddress localAddress() throws KernelException {
        return InternetAddress.ask(selector, fd(), false);
    }

    @Override
    public InetSocketAddress peerAddress() throws KernelException {
        return InternetAddress.ask(selector, fd(), true);
    }

    @Override
    public void membership(InetAddress group, @Nullable NetworkInterface on, boolean join) throws KernelException {
        open(group.getAddress().length != 4);
        UnixSystem.Internet internet = selector.system.internet();
        byte[] bytes = group.getAddress();
        int index = on == null ? 0 : on.getIndex();
        MemorySegment request = selector.scratch.address();
        request.fill((byte) 0);
        MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
        boolean four = bytes.length == 4;
        if (four && on != null && selector.system.knowsInterfaceByAddress()) {
            address(on.getInterfaceAddresses(), request);
        }
        request.set(ValueLayout.JAVA_INT, four ? UnixLayouts.MREQN_IFINDEX : UnixLayouts.MREQ6_INTERFACE, index);
        int level = four ? UnixSystem.IPPROTO_IP : UnixSystem.IPPROTO_IPV6;
        int option = four
                ? join ? internet.ipAddMembership() : internet.ipDropMembership()
                : join ? internet.ipv6JoinGroup() : internet.ipv6LeaveGroup();
        long size = (four ? UnixLayouts.IP_MREQN : UnixLayouts.IPV6_MREQ).byteSize();
        selector.system.check(UnixCalls.setsockopt(
                selector.state, fd(), level, option, request.address(), (int) size), "setsockopt");
    }

    /**
     * Writes an IPv4 address among those of an interface to a struct ip_mreqn. macOS knows the interface of a membership by that alone, as
     * it reads a struct ip_mreq there; without one it would pick another interface.
     */
    static void address(List<InterfaceAddress> addresses, MemorySegment request) throws KernelException {
        for (InterfaceAddress each : addresses) {
            byte[] bytes = each.getAddress().getAddress();
            if (bytes.length == 4) {
                MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, UnixLayouts.MREQN_ADDRESS, bytes.length);
                return;
            }
        }
        throw new KernelException(Fault.EADDRNOTAVAIL, 0, "setsockopt", "the interface has no IPv4 address");
    }

    @Override
    public void broadcast(boolean on) throws KernelException {
        UnixSystem.Numbers numbers = selector.system.numbers();
        option(numbers.solSocket(), numbers.soBroadcast(), on ? 1 : 0);
    }

    @Override
    public void ttl(int hops) throws KernelException {
        UnixSystem.Internet internet = selector.system.internet();
        perFamily(internet.ipTtl(), internet.ipv6UnicastHops(), hops);
    }

    @Override
    public void multicastTtl(int hops) throws KernelException {
        UnixSystem.Internet internet = selector.system.internet();
        perFamily(internet.ipMulticastTtl(), internet.ipv6MulticastHops(), hops);
    }

    @Override
    public void multicastLoop(boolean on) throws KernelException {
        UnixSystem.Internet internet = selector.system.internet();
        perFamily(internet.ipMulticastLoop(), internet.ipv6MulticastLoop(), on ? 1 : 0);
    }

    private void perFamily(int four, int six, int value) throws KernelException {
        if (ipv6) {
            option(UnixSystem.IPPROTO_IPV6, six, value);
        } else {
            option(UnixSystem.IPPROTO_IP, four, value);
        }
    }

    @Override
    public void multicastInterface(NetworkInterface by) throws KernelException {
        UnixSystem.Internet internet = selector.system.internet();
        if (ipv6) {
            option(UnixSystem.IPPROTO_IPV6, internet.ipv6MulticastIf(), by.getIndex());
            return;
        }
        MemorySegment request = selector.scratch.address();
        request.fill((byte) 0);
        request.set(ValueLayout.JAVA_INT, UnixLayouts.MREQN_IFINDEX, by.getIndex());
        int size = (int) UnixLayouts.IP_MREQN.byteSize();
        selector.system.check(UnixCalls.setsockopt(selector.state, fd(), UnixSystem.IPPROTO_IP,
                internet.ipMulticastIf(), request.address(), size), "setsockopt");
    }
}
