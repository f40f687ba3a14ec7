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

    private final MemorySegment counter = Arena.ofAuto().allocate(8, 8);

    private EventWaker(int descriptor) {
        super(descriptor);
    }

    /** Makes one, or returns null where there is no descriptor for it. */
    static @Nullable EventWaker open() {
        CallState state = new CallState();
        int made = LinuxCalls.eventfd(state, 0, LinuxCalls.O_CLOEXEC | LinuxCalls.O_NONBLOCK);
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
    protected void signal(int descriptor) {
        LinuxCalls.eventfdWrite(state, descriptor, 1);
    }

    @Override
    protected void reset(int descriptor) {
        UnixCalls.read(state, descriptor, counter.address(), 8);
    }
}
