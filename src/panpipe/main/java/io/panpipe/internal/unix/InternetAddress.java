/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/** Internet addresses as {@code struct sockaddr_in} and {@code sockaddr_in6}. */
final class InternetAddress {

    private static final ValueLayout.OfShort PORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private InternetAddress() {}

    /** Tells whether an address is one of IPv6, and so needs a socket of that family. */
    static boolean isIpv6(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address;
    }

    static int family(UnixSystem system, boolean ipv6) {
        return ipv6 ? system.internet().afInet6() : UnixSystem.AF_INET;
    }

    /**
     * Writes an address for a socket of a family.
     *
     * @param ipv6 whether the socket is of the family AF_INET6; an IPv4 address is then mapped
     * @return the structure's size
     * @throws KernelException EAFNOSUPPORT for an IPv6 address on an IPv4 socket
     */
    static int put(UnixSystem system, MemorySegment at, InetSocketAddress address, boolean ipv6)
            throws KernelException {
        byte[] bytes = address.getAddress().getAddress();
        if (!ipv6 && bytes.length != IPV4_BYTES) {
            throw new KernelException(Fault.EAFNOSUPPORT, 0, "address", "an IPv6 address on an IPv4 socket");
        }
        SocketLayouts layouts = system.layouts();
        int size = ipv6 ? layouts.in6Size() : layouts.inSize();
        at.fill((byte) 0);
        layouts.head(at, size, family(system, ipv6));
        at.set(PORT, layouts.sinPort(), (short) address.getPort());
        if (!ipv6) {
            MemorySegment.copy(bytes, 0, at, ValueLayout.JAVA_BYTE, layouts.sinAddr(), IPV4_BYTES);
            return size;
        }
        long start = layouts.sin6Addr() + IPV6_BYTES - bytes.length;
        MemorySegment.copy(bytes, 0, at, ValueLayout.JAVA_BYTE, start, bytes.length);
        if (address.getAddress() instanceof Inet6Address scoped) {
            at.set(ValueLayout.JAVA_INT, layouts.sin6ScopeId(), scoped.getScopeId());
        } else if (!address.getAddress().isAnyLocalAddress()) {
            // ::ffff:a.b.c.d (RFC 4291, 2.5.5.2)
            at.set(ValueLayout.JAVA_SHORT, start - 2, (short) -1);
        }
        return size;
    }

    /** Reads the address that a call has written. */
    static InetSocketAddress get(UnixSystem system, MemorySegment at) throws KernelException {
        SocketLayouts layouts = system.layouts();
        boolean ipv6 = layouts.family(at) == system.internet().afInet6();
        long start = ipv6 ? layouts.sin6Addr() : layouts.sinAddr();
        byte[] bytes = at.asSlice(start, ipv6 ? IPV6_BYTES : IPV4_BYTES).toArray(ValueLayout.JAVA_BYTE);
        int port = Short.toUnsignedInt(at.get(PORT, layouts.sinPort()));
        try {
            int scope = ipv6 ? at.get(ValueLayout.JAVA_INT, layouts.sin6ScopeId()) : 0;
            InetAddress address = scope != 0
                    ? Inet6Address.getByAddress(null, bytes, scope)
                    : InetAddress.getByAddress(bytes);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException impossible) {
            throw new KernelException(Fault.EINVAL, 0, "address", impossible.toString());
        }
    }

    /** Asks for the address of a socket's own or other end. */
    static InetSocketAddress ask(UnixSelector selector, int fd, boolean peer) throws KernelException {
        MemorySegment address = selector.scratch.address();
        MemorySegment length = selector.scratch.numbers();
        length.set(ValueLayout.JAVA_INT, 0, (int) address.byteSize());
        int result = peer
                ? UnixCalls.getpeername(selector.state, fd, address.address(), length.address())
                : UnixCalls.getsockname(selector.state, fd, address.address(), length.address());
        selector.system.check(result, peer ? "getpeername" : "getsockname");
        return get(selector.system, address);
    }
}
