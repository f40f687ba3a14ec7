/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;

/** Text in UTF-8, cut wherever a character ends. */
final class TextFraming implements Framing {

    static final TextFraming UTF_8 = new TextFraming();

    /** So many bytes of a character may have come without its being whole. */
    private static final int LONGEST_PART = 3;

    private TextFraming() {}

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) {
        int length = Math.min(bytes.remaining(), bounds.limit());
        int whole = length - partLength(bytes, length);
        if (whole == 0) {
            bounds.missing(0, bytes.remaining() + 1);
        } else {
            bounds.found(0, whole, 0);
        }
    }

    /**
     * Returns how many of so many bytes are the beginning of a character at their end. What is no UTF-8 is not waited
     * for.
     */
    private static int partLength(ByteBuffer bytes, int length) {
        for (int count = 1; count <= LONGEST_PART && count <= length; count++) {
            int sign = bytes.get(bytes.position() + length - count) & 0xff;
            if ((sign & 0xc0) != 0x80) {
                return lengthOf(sign) > count ? count : 0;
            }
        }
        return 0;
    }

    /** Returns how many bytes a character has that begins with this one. */
    private static int lengthOf(int first) {
        if (first < 0xc2 || first > 0xf4) {
            return 1;
        }
        if (first < 0xe0) {
            return 2;
        }
        return first < 0xf0 ? 3 : 4;
    }

    @Override
    public int overhead() {
        return LONGEST_PART;
    }

    @Override
    public String toString() {
        return "text";
    }
}
