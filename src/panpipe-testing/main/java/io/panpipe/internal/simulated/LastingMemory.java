/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Tells memory that nobody can close from that of arenas which can be closed while a write is in flight: by the class of its
 * scope, as the rooms of real systems do, since the public API has no word for it.
 */
final class LastingMemory {

    private static final Class<?> BUFFERS = kind(ByteBuffer.allocateDirect(0));
    private static final Class<?> COLLECTED = Arena.ofAuto().scope().getClass();
    private static final Class<?> CONFINED = confined();

    private LastingMemory() {}

    private static Class<?> kind(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer).scope().getClass();
    }

    private static Class<?> confined() {
        try (Arena arena = Arena.ofConfined()) {
            return arena.scope().getClass();
        }
    }

    static boolean has(ByteBuffer buffer) {
        Class<?> kind = kind(buffer);
        return (kind == BUFFERS || kind == COLLECTED) && kind != CONFINED;
    }
}
