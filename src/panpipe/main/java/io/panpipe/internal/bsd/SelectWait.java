/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.unix.DescriptorWait;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waits by select(2), which on macOS is right of terminals and of FIFOs where poll(2) and kqueue are not. */
final class SelectWait implements DescriptorWait {

    private static final int WORD = 32;

    private MemorySegment read = MemorySegment.NULL;
    private MemorySegment written = MemorySegment.NULL;

    @Override
    public int await(CallState state, int fd, boolean writes, int second) {
        int bound = Math.max(fd, second) + 1;
        long size = (bound + WORD - 1) / WORD * 4L;
        if (read.byteSize() < size) {
            read = Arena.ofAuto().allocate(size, 4);
            written = Arena.ofAuto().allocate(size, 4);
        }
        read.fill((byte) 0);
        written.fill((byte) 0);
        MemorySegment asked = writes ? written : read;
        add(asked, fd);
        add(read, second);
        int ready = BsdCalls.Mac.select(state, bound, read.address(), written.address(), 0);
        return ready <= 0 ? ready : has(asked, fd) ? 1 : 0;
    }

    /** fd_set: bit n is bit n % 8 of byte n / 8, as words of 32 bits are on these processors. */
    private static void add(MemorySegment set, int fd) {
        set.set(ValueLayout.JAVA_BYTE, fd / 8, (byte) (set.get(ValueLayout.JAVA_BYTE, fd / 8) | 1 << fd % 8));
    }

    private static boolean has(MemorySegment set, int fd) {
        return (set.get(ValueLayout.JAVA_BYTE, fd / 8) & 1 << fd % 8) != 0;
    }
}
