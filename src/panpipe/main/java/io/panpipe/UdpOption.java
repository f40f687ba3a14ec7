/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * How {@link Udp#bind} binds.
 *
 * @since 0.1
 */
public enum UdpOption {
    /** An IPv6 wildcard address takes IPv6 datagrams alone; without it, IPv4 datagrams come from mapped addresses. */
    IPV6_ONLY,

    /** Other sockets may bind the same address, as several receivers of a multicast group on one machine do. */
    REUSE_ADDRESS
}
