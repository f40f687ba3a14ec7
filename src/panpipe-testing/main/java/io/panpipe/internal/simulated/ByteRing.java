/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.nio.ByteBuffer;

/**
 * Holds the bytes of one direction between write and read.
 *
 * <p>It grows as needed, so that ten thousand idle connections cost nothing; how much may be in it is the writer's
 * matter.
 */
final class ByteRing {

    private static final byte[] NONE = {};
    private static final int SMALLEST = 256;

    private byte[] bytes = NONE;
    private int head;
    private int size;

    int size() {
        return size;
    }

    void clear() {
        bytes = NONE;
        head = 0;
        size = 0;
    }

    /** Appends bytes of a buffer, by absolute access. */
    void put(ByteBuffer from, int offset, int length) {
        grow(Math.addExact(size, length));
        int tail = size < bytes.length - head ? head + size : size - (bytes.length - head);
        int first = Math.min(length, bytes.length - tail);
        from.get(offset, bytes, tail, first);
        from.get(offset + first, bytes, 0, length - first);
        size += length;
    }

    /** Moves the oldest bytes into a buffer, by absolute access. */
    void take(ByteBuffer into, int offset, int length) {
        int first = Math.min(length, bytes.length - head);
        into.put(offset, bytes, head, first);
        into.put(offset + first, bytes, 0, length - first);
        size -= length;
        head = size == 0 ? 0 : length < bytes.length - head ? head + length : length - first;
    }

    private void grow(int needed) {
        if (needed <= bytes.length) {
            return;
        }
        int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L);
        byte[] larger = new byte[Math.max(Math.max(needed, doubled), SMALLEST)];
        int first = Math.min(size, bytes.length - head);
        System.arraycopy(bytes, head, larger, 0, first);
        System.arraycopy(bytes, 0, larger, first, size - first);
        bytes = larger;
        head = 0;
    }
}
