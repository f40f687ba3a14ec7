/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The C structures that every 64-bit Unix lays out in the same way; {@link SocketLayouts} has the others.
 *
 * <p>A test compares sizes and offsets with what the C compiler says.
 */
public final class UnixLayouts {

    /** {@code struct iovec}. */
    public static final StructLayout IOVEC = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("iov_base"), ValueLayout.JAVA_LONG.withName("iov_len"))
            .withName("iovec");

    /** {@code struct ip_mreqn}: a membership of IPv4. */
    public static final StructLayout IP_MREQN = MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("imr_multiaddr"),
                    ValueLayout.JAVA_INT.withName("imr_address"),
                    ValueLayout.JAVA_INT.withName("imr_ifindex"))
            .withName("ip_mreqn");

    /** {@code struct ipv6_mreq}: a membership of IPv6. */
    public static final StructLayout IPV6_MREQ = MemoryLayout.structLayout(
                    MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE).withName("ipv6mr_multiaddr"),
                    ValueLayout.JAVA_INT.withName("ipv6mr_interface"))
            .withName("ipv6_mreq");

    /** {@code struct pollfd}. */
    public static final StructLayout POLLFD = MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("fd"),
                    ValueLayout.JAVA_SHORT.withName("events"),
                    ValueLayout.JAVA_SHORT.withName("revents"))
            .withName("pollfd");

    static final long IOV_BASE = FieldOffset.of(IOVEC, "iov_base");
    static final long IOV_LEN = FieldOffset.of(IOVEC, "iov_len");
    static final long MREQN_ADDRESS = FieldOffset.of(IP_MREQN, "imr_address");
    static final long MREQN_IFINDEX = FieldOffset.of(IP_MREQN, "imr_ifindex");
    static final long MREQ6_INTERFACE = FieldOffset.of(IPV6_MREQ, "ipv6mr_interface");
    static final long POLL_EVENTS = FieldOffset.of(POLLFD, "events");
    static final long POLL_REVENTS = FieldOffset.of(POLLFD, "revents");

    private UnixLayouts() {}
}
