/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.unix.CallerWaker;
import io.panpipe.internal.unix.UnixCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Wakes a thread by an eventfd. */
final class EventWaker extends CallerWaker {

    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NON_BLOCKING = 0x800;

    private final int descriptor;
    private final MemorySegment counter = Arena.ofAuto().allocate(8, 8);

    private EventWaker(int descriptor) {
        super(descriptor);
        this.descriptor = descriptor;
    }

    /** Makes one, or returns null where there is no descriptor for it. */
    static @Nullable EventWaker open() {
        CallState state = new CallState();
        int made = LinuxCalls.eventfd(state, 0, CLOSE_ON_EXEC | NON_BLOCKING);
        if (made < 0) {
            return null;
        }
        try {
            return new EventWaker(made);
        } catch (Throwable noMemory) {
            UnixCalls.close(state, made);
            throw noMemory;
        }
    }

    @Override
    protected void signal() {
        LinuxCalls.eventfdWrite(state, descriptor, 1);
    }

    @Override
    protected void reset() {
        UnixCalls.read(state, descriptor, counter.address(), 8);
    }

    @Override
    public void close() {
        UnixCalls.close(state, descriptor);
    }
}
