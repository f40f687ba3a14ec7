/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * How the stream of an IPC pipe is divided: libuv's frames, so that its programs understand it, with two additions that it
 * passes over.
 *
 * <p>Each frame begins with a header. libuv ignores {@code reserved1} there. Each end of ours begins with two empty frames:
 * in the first, that field holds {@link #ANNOUNCEMENT}, which says that this end understands {@link #HAS_HANDLES}; in the
 * second, the number of its process, since the system knows only who has opened an end and not who has it now. An end that
 * was opened by another process begins in the same way, and an announcement that is not the first is answered by one that
 * is not: {@link #ANSWER}.
 */
final class Frames {

    static final StructLayout HEADER = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("flags"),
            ValueLayout.JAVA_INT.withName("reserved1"),
            ValueLayout.JAVA_INT.withName("data_length"),
            ValueLayout.JAVA_INT.withName("reserved2"));

    static final long FLAGS = FieldOffset.of(HEADER, "flags");
    static final long ANNOUNCED = FieldOffset.of(HEADER, "reserved1");
    static final long DATA_LENGTH = FieldOffset.of(HEADER, "data_length");

    /** Ours: in the second half of a frame with handles, how many; otherwise 0, as libuv demands. */
    static final long HANDLE_COUNT = FieldOffset.of(HEADER, "reserved2");

    static final int HEADER_BYTES = 16;

    static final int HAS_DATA = 1;
    static final int HAS_SOCKET = 2;
    static final int SOCKET_IS_CONNECTION = 4;

    /** Ours: handles follow the header, 8 bytes each, as this process knows them. */
    static final int HAS_HANDLES = 0x100;

    /** A WSAPROTOCOL_INFOW and an error number, which follow the header where there is a socket. */
    static final int SOCKET_BYTES = 632;

    static final int HANDLE_BYTES = 8;

    /** "PPH1". */
    static final int ANNOUNCEMENT = 0x31485050;

    /** "PPA1". */
    static final int ANSWER = 0x31415050;

    /** An announcement and the process's number behind it. */
    static final int ANNOUNCING_BYTES = 2 * HEADER_BYTES;

    private Frames() {}
}
