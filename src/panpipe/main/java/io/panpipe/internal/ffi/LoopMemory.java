/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The native memory of one loop: allocated in pieces, freed at once.
 *
 * <p>The arena is shared because a loop may be created by one thread, run by another and closed by a third. Closing a
 * shared arena stops all threads for a moment (a quarter of a millisecond), so there is one, closed once.
 */
public final class LoopMemory {

    /** The scopes of all loops' memory; another array whenever a loop comes or goes. */
    private static volatile MemorySegment.Scope[] scopes = {};

    private final Arena arena = Arena.ofShared();

    /** Makes the memory of one loop, with nothing allocated yet. */
    public LoopMemory() {
        synchronized (LoopMemory.class) {
            MemorySegment.Scope[] more = Arrays.copyOf(scopes, scopes.length + 1);
            more[scopes.length] = arena.scope();
            scopes = more;
        }
    }

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
     * and not another thread's, and not a part of any loop's memory, which that loop uses again: one that this thread
     * runs as well may have read into it what this one is to write.
     */
    public boolean borrows(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            return false;
        }
        MemorySegment segment = MemorySegment.ofBuffer(buffer);
        MemorySegment.Scope scope = segment.scope();
        return scope.isAlive() && segment.isAccessibleBy(Thread.currentThread()) && !isOfALoop(scope);
    }

    private static boolean isOfALoop(MemorySegment.Scope scope) {
        for (MemorySegment.Scope used : scopes) {
            if (used.equals(scope)) {
                return true;
            }
        }
        return false;
    }

    /** Frees everything; no kernel may still read or write it. */
    public void close() {
        synchronized (LoopMemory.class) {
            List<MemorySegment.Scope> left = new ArrayList<>(List.of(scopes));
            left.remove(arena.scope());
            scopes = left.toArray(new MemorySegment.Scope[0]);
        }
        arena.close();
    }
}
