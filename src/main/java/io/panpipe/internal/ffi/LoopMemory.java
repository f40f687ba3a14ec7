/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The native memory of one loop: allocated in pieces, freed at once.
 *
 * <p>The arena is shared because a loop may be created by one thread, run by another and closed by a third. Closing a
 * shared arena stops all threads for a moment (a quarter of a millisecond), so there is one, closed once.
 */
public final class LoopMemory {

    private final Arena arena = Arena.ofShared();

    /** Allocates zeroed bytes, aligned for any C type. */
    public MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 16);
    }

    /**
     * Returns the address of a direct buffer's first byte, for the time of one call.
     *
     * @param buffer a direct buffer that the caller keeps reachable during the call
     */
    public static long address(ByteBuffer buffer) {
        // ofBuffer begins at the position, and the caller counts from the first byte.
        return MemorySegment.ofBuffer(buffer).address() - buffer.position();
    }

    /**
     * Tells whether this thread can read a buffer in place for longer than a callback: direct, of an arena that is alive
     * and not another thread's, and not a part of this memory, which the loop uses again.
     */
    public boolean borrows(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            return false;
        }
        MemorySegment segment = MemorySegment.ofBuffer(buffer);
        return segment.scope().isAlive()
                && segment.isAccessibleBy(Thread.currentThread())
                && !segment.scope().equals(arena.scope());
    }

    /** Frees everything; no kernel may still read or write it. */
    public void close() {
        arena.close();
    }
}
