/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of one write in their order: parts of regions, or of buffers that the kernel said it {@linkplain
 * Selector#borrows borrows}. One object serves all writes of a loop.
 */
public final class Gather {

    /** The most pieces of one write: well below every system's limit (1024 on Linux), and enough for long ones. */
    public static final int CAPACITY = 64;

    private final @Nullable Region[] regions = new Region[CAPACITY];
    private final @Nullable ByteBuffer[] buffers = new ByteBuffer[CAPACITY];
    private final int[] offsets = new int[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private int count;
    private int total;

    /** Forgets all pieces. */
    public void clear() {
        for (int i = 0; i < count; i++) {
            regions[i] = null;
            buffers[i] = null;
        }
        count = 0;
        total = 0;
    }

    /** Tells whether no further piece of this many bytes can be added. */
    public boolean isFull(int bytes) {
        return count == CAPACITY || total > Integer.MAX_VALUE - bytes;
    }

    /** Adds a part of a region. */
    public void add(Region region, int offset, int length) {
        regions[count] = region;
        add(offset, length);
    }

    /** Adds a part of a borrowed buffer; the buffer's own position and limit do not matter. */
    public void add(ByteBuffer buffer, int offset, int length) {
        buffers[count] = buffer;
        add(offset, length);
    }

    private void add(int offset, int length) {
        offsets[count] = offset;
        lengths[count] = length;
        count++;
        total += length;
    }

    /** Returns how many pieces there are. */
    public int count() {
        return count;
    }

    /** Returns how many bytes all pieces have together. */
    public int total() {
        return total;
    }

    /** Returns the region of a piece, or null if it is a borrowed buffer's. */
    public @Nullable Region region(int piece) {
        return regions[piece];
    }

    /** Returns the bytes that a piece is part of. */
    public ByteBuffer bytes(int piece) {
        Region region = regions[piece];
        if (region != null) {
            return region.bytes();
        }
        ByteBuffer buffer = buffers[piece];
        if (buffer == null) {
            throw new IndexOutOfBoundsException(piece);
        }
        return buffer;
    }

    /** Returns where in its region or buffer a piece begins. */
    public int offset(int piece) {
        return offsets[piece];
    }

    /** Returns a piece's bytes. */
    public int length(int piece) {
        return lengths[piece];
    }
}
