/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.FieldOffset;
import io.panpipe.internal.unix.SocketLayouts;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * The C structures of Linux's own calls, and those of sockets as 64-bit Linux lays them out; a test compares sizes and offsets
 * with what the C compiler says.
 */
public final class LinuxLayouts {

    private static final boolean PACKED = Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

    /** {@code struct epoll_event}: packed on x86-64, so that 32-bit programs share it, and aligned elsewhere. */
    public static final StructLayout EPOLL_EVENT = PACKED
            ? MemoryLayout.structLayout(
                            ValueLayout.JAVA_INT.withName("events"), ValueLayout.JAVA_LONG_UNALIGNED.withName("data"))
                    .withName("epoll_event")
            : MemoryLayout.structLayout(
                            ValueLayout.JAVA_INT.withName("events"),
                            MemoryLayout.paddingLayout(4),
                            ValueLayout.JAVA_LONG.withName("data"))
                    .withName("epoll_event");

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

    /** {@code struct ucred}, the answer of SO_PEERCRED. */
    public static final StructLayout UCRED = MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("pid"),
                    ValueLayout.JAVA_INT.withName("uid"),
                    ValueLayout.JAVA_INT.withName("gid"))
            .withName("ucred");

    /** {@code struct statx}: the same on every architecture, which struct stat is not. */
    public static final StructLayout STATX = MemoryLayout.structLayout(
                    MemoryLayout.paddingLayout(28),
                    ValueLayout.JAVA_SHORT.withName("stx_mode"),
                    MemoryLayout.paddingLayout(2),
                    ValueLayout.JAVA_LONG.withName("stx_ino"),
                    MemoryLayout.paddingLayout(88),
                    ValueLayout.JAVA_INT.withName("stx_rdev_major"),
                    ValueLayout.JAVA_INT.withName("stx_rdev_minor"),
                    ValueLayout.JAVA_INT.withName("stx_dev_major"),
                    ValueLayout.JAVA_INT.withName("stx_dev_minor"),
                    MemoryLayout.paddingLayout(112))
            .withName("statx");

    /** What of them the shared room needs; control messages are aligned as a long is. */
    static final SocketLayouts SOCKETS = SocketLayouts.of(
            SOCKADDR_UN, SOCKADDR_IN, SOCKADDR_IN6, MSGHDR, CMSGHDR, (int) SOCKADDR_UN.byteSize(), 8);

    static final long EVENT_SIZE = EPOLL_EVENT.byteSize();
    static final long EVENT_DATA = FieldOffset.of(EPOLL_EVENT, "data");
    static final long PID = FieldOffset.of(UCRED, "pid");
    static final long UID = FieldOffset.of(UCRED, "uid");
    static final long GID = FieldOffset.of(UCRED, "gid");
    static final long MODE = FieldOffset.of(STATX, "stx_mode");
    static final long INODE = FieldOffset.of(STATX, "stx_ino");
    static final long SPECIAL_MAJOR = FieldOffset.of(STATX, "stx_rdev_major");
    static final long SPECIAL_MINOR = FieldOffset.of(STATX, "stx_rdev_minor");
    static final long DEVICE_MAJOR = FieldOffset.of(STATX, "stx_dev_major");
    static final long DEVICE_MINOR = FieldOffset.of(STATX, "stx_dev_minor");

    private LinuxLayouts() {}
}
