/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;

/** Looks for a byte, eight at a time. */
final class ByteSearch {

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private ByteSearch() {}

    /**
     * Returns where a byte is first.
     *
     * @param from the first index to look at
     * @param to the index behind the last one, not beyond the buffer's limit
     * @return its index, or -1 if it is not there
     */
    static int indexOf(ByteBuffer bytes, byte wanted, int from, int to) {
        long pattern = (wanted & 0xffL) * ONES;
        int at = from;
        while (at <= to - Long.BYTES) {
            // What is wanted becomes 0, in whatever order the bytes are, and a 0 alone makes a borrow that shows.
            long difference = bytes.getLong(at) ^ pattern;
            if ((difference - ONES & ~difference & HIGH_BITS) != 0) {
                break;
            }
            at += Long.BYTES;
        }
        while (at < to && bytes.get(at) != wanted) {
            at++;
        }
        return at < to ? at : -1;
    }

    /** Tells whether a byte is between a buffer's position and limit. */
    static boolean contains(ByteBuffer bytes, byte wanted) {
        return indexOf(bytes, wanted, bytes.position(), bytes.limit()) >= 0;
    }
}
