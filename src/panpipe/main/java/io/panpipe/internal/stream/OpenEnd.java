/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.loop.Chunk;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The end of an output's queue while all that happens to it is that small writes without a callback follow one another: what
 * was checked for the first of them holds for the others, which are copied behind it and nothing else. What was copied is
 * counted when something else happens, or when it is sent.
 *
 * <p>A write that is counted by itself passes seven classes and takes twenty nanoseconds more.
 */
final class OpenEnd {

    private @Nullable ByteBuffer memory;
    private int start;
    private int fill;
    private int limit;

    /**
     * Opens the end.
     *
     * @param chunk where the last byte of the queue is the last byte in use
     * @param room how many bytes can follow before the queue is so long that somebody has to be told
     */
    void open(Chunk chunk, long room) {
        start = chunk.fill;
        fill = start;
        limit = (int) Math.min(Chunk.SIZE, start + room);
        memory = chunk.region.bytes();
    }

    /**
     * Copies a buffer behind what is there, or does nothing if that throws.
     *
     * @return whether it was open and had room
     */
    boolean append(ByteBuffer data) {
        ByteBuffer end = memory;
        int length = data.remaining();
        int at = fill;
        if (end == null || length > WriteQueue.SMALL || length > limit - at) {
            return false;
        }
        // By the JDK's own copy, which knows whether another thread closes the memory just now.
        end.put(at, data, data.position(), length);
        fill = at + length;
        return true;
    }

    /** Returns how many bytes were copied and are not counted yet. From any thread, nearly. */
    int uncounted() {
        return memory == null ? 0 : fill - start;
    }

    boolean isOpen() {
        return memory != null;
    }

    /** Closes the end. */
    void close() {
        memory = null;
    }
}
