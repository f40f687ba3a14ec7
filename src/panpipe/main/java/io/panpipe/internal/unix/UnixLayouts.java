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
 * The C structures that sockets use, as 64-bit Linux lays them out.
 *
 * <p>A test compares sizes and offsets with what the C compiler says. The BSDs differ: sockaddr_un begins with a length
 * byte and msghdr has shorter counts.
 */
public final class UnixLayouts {

    /** {@code struct sockaddr_un}: the family, then the path. */
    public static final StructLayout SOCKADDR_UN = MemoryLayout.structLayout(
                    ValueLayout.JAVA_SHORT.withName("sun_family"),
                    MemoryLayout.sequenceLayout(108, ValueLayout.JAVA_BYTE).withName("sun_path"))
            .withName("sockaddr_un");

    /** {@code struct sockaddr_in}; port and address are in network byte order. */
    public static final StructLayout SOCKADDR_IN = MemoryLayout.structLayout(
                    ValueLayout.JAVA_SHORT.withName("sin_family"),
                    ValueLayout.JAVA_SHORT.withName("sin_port"),
                    ValueLayout.JAVA_INT.withName("sin_addr"),
                    MemoryLayout.paddingLayout(8))
            .withName("sockaddr_in");

    /** {@code struct sockaddr_in6}; port and address are in network byte order. */
    public static final StructLayout SOCKADDR_IN6 = MemoryLayout.structLayout(
                    ValueLayout.JAVA_SHORT.withName("sin6_family"),
                    ValueLayout.JAVA_SHORT.withName("sin6_port"),
                    ValueLayout.JAVA_INT.withName("sin6_flowinfo"),
                    MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE).withName("sin6_addr"),
                    ValueLayout.JAVA_INT.withName("sin6_scope_id"))
            .withName("sockaddr_in6");

    /** {@code struct iovec}. */
    public static final StructLayout IOVEC = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("iov_base"), ValueLayout.JAVA_LONG.withName("iov_len"))
            .withName("iovec");

    /** {@code struct msghdr}. */
    public static final StructLayout MSGHDR = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("msg_name"),
                    ValueLayout.JAVA_INT.withName("msg_namelen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_iov"),
                    ValueLayout.JAVA_LONG.withName("msg_iovlen"),
                    ValueLayout.JAVA_LONG.withName("msg_control"),
                    ValueLayout.JAVA_LONG.withName("msg_controllen"),
                    ValueLayout.JAVA_INT.withName("msg_flags"),
                    MemoryLayout.paddingLayout(4))
            .withName("msghdr");

    /** {@code struct cmsghdr}: a control message's head, before its data. */
    public static final StructLayout CMSGHDR = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("cmsg_len"),
                    ValueLayout.JAVA_INT.withName("cmsg_level"),
                    ValueLayout.JAVA_INT.withName("cmsg_type"))
            .withName("cmsghdr");

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

    static final long SUN_PATH = FieldOffset.of(SOCKADDR_UN, "sun_path");
    static final long SIN_PORT = FieldOffset.of(SOCKADDR_IN, "sin_port");
    static final long SIN_ADDR = FieldOffset.of(SOCKADDR_IN, "sin_addr");
    static final long SIN6_ADDR = FieldOffset.of(SOCKADDR_IN6, "sin6_addr");
    static final long SIN6_SCOPE_ID = FieldOffset.of(SOCKADDR_IN6, "sin6_scope_id");
    static final long IOV_BASE = FieldOffset.of(IOVEC, "iov_base");
    static final long IOV_LEN = FieldOffset.of(IOVEC, "iov_len");
    static final long MSG_IOV = FieldOffset.of(MSGHDR, "msg_iov");
    static final long MSG_IOVLEN = FieldOffset.of(MSGHDR, "msg_iovlen");
    static final long MSG_CONTROL = FieldOffset.of(MSGHDR, "msg_control");
    static final long MSG_CONTROLLEN = FieldOffset.of(MSGHDR, "msg_controllen");
    static final long MSG_FLAGS = FieldOffset.of(MSGHDR, "msg_flags");
    static final long CMSG_LEVEL = FieldOffset.of(CMSGHDR, "cmsg_level");
    static final long CMSG_TYPE = FieldOffset.of(CMSGHDR, "cmsg_type");
    static final long MREQN_IFINDEX = FieldOffset.of(IP_MREQN, "imr_ifindex");
    static final long MREQ6_INTERFACE = FieldOffset.of(IPV6_MREQ, "ipv6mr_interface");
    static final long POLL_EVENTS = FieldOffset.of(POLLFD, "events");
    static final long POLL_REVENTS = FieldOffset.of(POLLFD, "revents");

    private UnixLayouts() {}
}
