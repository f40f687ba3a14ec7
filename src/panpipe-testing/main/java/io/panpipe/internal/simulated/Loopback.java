/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a machine whose only network is itself: 127.0.0.0/8 and ::1.
 *
 * <p>Java has no mapped addresses: what an IPv6 socket calls ::ffff:127.0.0.1 is an IPv4 address here as there.
 */
final class Loopback {

    private static final InetAddress IPV4 = address(127, 0, 0, 1);
    private static final InetAddress IPV4_ANY = address(0, 0, 0, 0);
    private static final InetAddress IPV4_BROADCAST = address(255, 255, 255, 255);
    private static final InetAddress IPV4_NET_BROADCAST = address(127, 255, 255, 255);
    private static final InetAddress IPV6 = address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    private static final InetAddress IPV6_ANY = address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private Loopback() {}

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static boolean isIpv6(@Nullable InetAddress address) {
        return address instanceof Inet6Address;
    }

    /** Returns the address of a resolved socket address. */
    static InetAddress of(InetSocketAddress address) {
        return Objects.requireNonNull(address.getAddress(), () -> address + " is not resolved");
    }

    static InetAddress any(boolean ipv6) {
        return ipv6 ? IPV6_ANY : IPV4_ANY;
    }

    static boolean isBroadcast(InetAddress address) {
        return address.equals(IPV4_BROADCAST) || address.equals(IPV4_NET_BROADCAST);
    }

    /** Tells whether a single socket of this machine may have the address. */
    static boolean isLocal(InetAddress address) {
        return address.isAnyLocalAddress() || address.isLoopbackAddress() && !isBroadcast(address);
    }

    /** Returns what is reached by an address: as on Linux, nobody in particular is this machine. */
    static InetAddress destination(InetAddress address) {
        return address.isAnyLocalAddress() ? loopback(address) : address;
    }

    /** Returns the address that this machine sends from unless told otherwise. */
    static InetAddress loopback(InetAddress destination) {
        return isIpv6(destination) ? IPV6 : IPV4;
    }

    /** Returns an address as rules name it: {@code 127.0.0.1:80}. */
    static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String shown = host == null ? address.getHostString() : host.getHostAddress();
        return isIpv6(host) ? "[" + shown + "]:" + address.getPort() : shown + ":" + address.getPort();
    }

    /** Refuses what is beyond this machine. */
    static void checkReachable(InetAddress destination, String call) throws KernelException {
        if (!isLocal(destination)) {
            throw new KernelException(Fault.ENETUNREACH, 0, call, "the simulated machine has no network but loopback");
        }
    }
}
