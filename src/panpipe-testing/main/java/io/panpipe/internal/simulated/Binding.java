/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.net.InetAddress;

/**
 * What an Internet socket is bound to.
 *
 * @param onlyIpv6 whether the IPv6 wildcard leaves IPv4 alone
 */
record Binding(InetAddress address, int port, boolean onlyIpv6) {

    private static final int EXACT = 3;
    private static final int WILDCARD = 2;
    private static final int DUAL = 1;

    /** Tells whether something could be meant for both. */
    boolean overlaps(Binding other) {
        return port == other.port && (match(other.address) > 0 || other.match(address) > 0);
    }

    /** Tells how well an address fits: the better, the more specific the binding; 0 if not at all. */
    int match(InetAddress destination) {
        if (!address.isAnyLocalAddress()) {
            return address.equals(destination) ? EXACT : 0;
        }
        boolean ipv6 = Loopback.isIpv6(address);
        if (ipv6 == Loopback.isIpv6(destination)) {
            return WILDCARD;
        }
        return ipv6 && !onlyIpv6 ? DUAL : 0;
    }
}
