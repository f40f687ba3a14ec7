/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** The C structures that macOS and FreeBSD lay out in the same way, on 64 bits; a lane compares them with Apple's headers. */
public final class BsdLayouts {

    /** {@code struct sockaddr_un}. */
    public static final StructLayout SOCKADDR_UN = MemoryLayout.structLayout(
                    ValueLayout.JAVA_BYTE.withName("sun_len"),
                    ValueLayout.JAVA_BYTE.withName("sun_family"),
                    MemoryLayout.sequenceLayout(104, ValueLayout.JAVA_BYTE).withName("sun_path"))
            .withName("sockaddr_un");

    /** {@code struct sockaddr_in}; port and address are in network byte order. */
    public static final StructLayout SOCKADDR_IN = MemoryLayout.structLayout(
                    ValueLayout.JAVA_BYTE.withName("sin_len"),
                    ValueLayout.JAVA_BYTE.withName("sin_family"),
                    ValueLayout.JAVA_SHORT.withName("sin_port"),
                    ValueLayout.JAVA_INT.withName("sin_addr"),
                    MemoryLayout.paddingLayout(8))
            .withName("sockaddr_in");

    /** {@code struct sockaddr_in6}; port and address are in network byte order. */
    public static final StructLayout SOCKADDR_IN6 = MemoryLayout.structLayout(
                    ValueLayout.JAVA_BYTE.withName("sin6_len"),
                    ValueLayout.JAVA_BYTE.withName("sin6_family"),
                    ValueLayout.JAVA_SHORT.withName("sin6_port"),
                    ValueLayout.JAVA_INT.withName("sin6_flowinfo"),
                    MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE).withName("sin6_addr"),
                    ValueLayout.JAVA_INT.withName("sin6_scope_id"))
            .withName("sockaddr_in6");

    /** {@code struct msghdr}. */
    public static final StructLayout MSGHDR = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("msg_name"),
                    ValueLayout.JAVA_INT.withName("msg_namelen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_iov"),
                    ValueLayout.JAVA_INT.withName("msg_iovlen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_control"),
                    ValueLayout.JAVA_INT.withName("msg_controllen"),
                    ValueLayout.JAVA_INT.withName("msg_flags"))
            .withName("msghdr");

    /** {@code struct cmsghdr}: a control message's head, before its data. */
    public static final StructLayout CMSGHDR = MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("cmsg_len"),
                    ValueLayout.JAVA_INT.withName("cmsg_level"),
                    ValueLayout.JAVA_INT.withName("cmsg_type"))
            .withName("cmsghdr");

    /** {@code struct timespec}. */
    public static final StructLayout TIMESPEC = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("tv_sec"), ValueLayout.JAVA_LONG.withName("tv_nsec"))
            .withName("timespec");

    private BsdLayouts() {}
}
