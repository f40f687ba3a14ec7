/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** The structs that kernel32 reads and writes, and where their members are. */
final class WindowsLayouts {

    static final StructLayout OVERLAPPED = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("Internal"),
            ValueLayout.JAVA_LONG.withName("InternalHigh"),
            ValueLayout.JAVA_INT.withName("Offset"),
            ValueLayout.JAVA_INT.withName("OffsetHigh"),
            ValueLayout.JAVA_LONG.withName("hEvent")).withName("OVERLAPPED");

    static final StructLayout OVERLAPPED_ENTRY = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("lpCompletionKey"),
            ValueLayout.JAVA_LONG.withName("lpOverlapped"),
            ValueLayout.JAVA_LONG.withName("Internal"),
            ValueLayout.JAVA_INT.withName("dwNumberOfBytesTransferred"),
            MemoryLayout.paddingLayout(4)).withName("OVERLAPPED_ENTRY");

    static final StructLayout SECURITY_ATTRIBUTES = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("nLength"),
            MemoryLayout.paddingLayout(4),
            ValueLayout.JAVA_LONG.withName("lpSecurityDescriptor"),
            ValueLayout.JAVA_INT.withName("bInheritHandle"),
            MemoryLayout.paddingLayout(4)).withName("SECURITY_ATTRIBUTES");

    static final long OVERLAPPED_STATUS = FieldOffset.of(OVERLAPPED, "Internal");
    static final long OVERLAPPED_BYTES = FieldOffset.of(OVERLAPPED, "InternalHigh");
    static final long OVERLAPPED_POSITION = FieldOffset.of(OVERLAPPED, "Offset");
    static final long OVERLAPPED_EVENT = FieldOffset.of(OVERLAPPED, "hEvent");
    static final long ENTRY_OVERLAPPED = FieldOffset.of(OVERLAPPED_ENTRY, "lpOverlapped");
    static final long ATTRIBUTES_LENGTH = FieldOffset.of(SECURITY_ATTRIBUTES, "nLength");
    static final long ATTRIBUTES_DESCRIPTOR = FieldOffset.of(SECURITY_ATTRIBUTES, "lpSecurityDescriptor");

    private WindowsLayouts() {}
}
