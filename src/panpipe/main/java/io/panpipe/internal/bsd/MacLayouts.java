/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.FieldOffset;
import io.panpipe.internal.unix.SocketLayouts;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** The C structures of macOS, the same on both processors; a lane compares them with Apple's headers. */
public final class MacLayouts {

    /** {@code struct kevent}. */
    public static final StructLayout KEVENT = MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("ident"),
                    ValueLayout.JAVA_SHORT.withName("filter"),
                    ValueLayout.JAVA_SHORT.withName("flags"),
                    ValueLayout.JAVA_INT.withName("fflags"),
                    ValueLayout.JAVA_LONG.withName("data"),
                    ValueLayout.JAVA_LONG.withName("udata"))
            .withName("kevent");

    /** {@code struct stat}, with inode numbers of 64 bits. */
    public static final StructLayout STAT = MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("st_dev"),
                    ValueLayout.JAVA_SHORT.withName("st_mode"),
                    ValueLayout.JAVA_SHORT.withName("st_nlink"),
                    ValueLayout.JAVA_LONG.withName("st_ino"),
                    ValueLayout.JAVA_INT.withName("st_uid"),
                    ValueLayout.JAVA_INT.withName("st_gid"),
                    ValueLayout.JAVA_INT.withName("st_rdev"),
                    MemoryLayout.paddingLayout(116))
            .withName("stat");

    /** {@code struct xucred}, the answer of LOCAL_PEERCRED. */
    public static final StructLayout XUCRED = MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("cr_version"),
                    ValueLayout.JAVA_INT.withName("cr_uid"),
                    ValueLayout.JAVA_SHORT.withName("cr_ngroups"),
                    MemoryLayout.paddingLayout(2),
                    MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_INT).withName("cr_groups"))
            .withName("xucred");

    /** Whether the calls with these inode numbers have names of their own. */
    static final boolean INODE64 = !System.getProperty("os.arch").equals("aarch64");

    /** An address has a byte for its length: SOCK_MAXADDRLEN. */
    private static final int SOCK_MAXADDRLEN = 255;

    /** Control messages are aligned as an int is. */
    static final SocketLayouts SOCKETS = SocketLayouts.of(BsdLayouts.SOCKADDR_UN, BsdLayouts.SOCKADDR_IN,
            BsdLayouts.SOCKADDR_IN6, BsdLayouts.MSGHDR, BsdLayouts.CMSGHDR, SOCK_MAXADDRLEN, 4);

    static final long DEVICE = FieldOffset.of(STAT, "st_dev");
    static final long MODE = FieldOffset.of(STAT, "st_mode");
    static final long INODE = FieldOffset.of(STAT, "st_ino");
    static final long SPECIAL = FieldOffset.of(STAT, "st_rdev");
    static final long UID = FieldOffset.of(XUCRED, "cr_uid");
    static final long GROUPS_COUNT = FieldOffset.of(XUCRED, "cr_ngroups");
    static final long GROUPS = FieldOffset.of(XUCRED, "cr_groups");

    private MacLayouts() {}
}
