/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.Selector;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Memory for the headers of frames: the loop's own is freed only with the loop, so connections hand it on. */
final class FrameMemory {

    /** A header with as many handles as a write may have, which is more than a socket takes. */
    private static final int BYTES = Frames.HEADER_BYTES + Selector.MOST_HANDLES * Frames.HANDLE_BYTES;

    private final LoopMemory memory;
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();

    FrameMemory(LoopMemory memory) {
        this.memory = memory;
    }

    MemorySegment take() {
        MemorySegment used = free.poll();
        return used != null ? used : memory.allocate(BYTES);
    }

    /** Takes back a piece that the kernel neither reads nor writes any more. */
    void giveBack(MemorySegment segment) {
        free.push(segment);
    }
}
