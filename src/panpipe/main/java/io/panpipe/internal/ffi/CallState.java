/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a native call leaves its errno, on Windows its GetLastError: one per loop, used by one thread at a time.
 *
 * <p>The call itself captures the value, because the JVM may change it between the call and a later question.
 */
public final class CallState {

    private static final String VALUE = System.getProperty("os.name").startsWith("Windows") ? "GetLastError" : "errno";

    static final Linker.Option CAPTURE = Linker.Option.captureCallState(VALUE);

    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final int ERROR = (int) FieldOffset.of(LAYOUT, VALUE);

    /**
     * Collected with this object rather than closed with the loop's arena: passing a segment of a shared arena to a
     * call costs two atomic operations, and every call passes this one.
     */
    private final MemorySegment segment = Arena.ofAuto().allocate(LAYOUT);

    /** The same memory: the first access to a segment's numbers costs a program's start 5 ms and more. */
    private final ByteBuffer values = segment.asByteBuffer().order(ByteOrder.nativeOrder());

    /** Returns the segment that is each linked function's first argument. */
    public MemorySegment segment() {
        return segment;
    }

    /** Returns what the last call that failed left: errno, or on Windows GetLastError. */
    public int error() {
        return values.getInt(ERROR);
    }
}
