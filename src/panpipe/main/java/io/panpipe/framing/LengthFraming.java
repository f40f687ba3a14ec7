/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Messages behind their length, in one, two or four bytes. */
final class LengthFraming implements Framing {

    private final int size;
    private final boolean bigEndian;

    LengthFraming(int size, ByteOrder order) {
        if (size != 1 && size != 2 && size != 4) {
            throw new IllegalArgumentException("a length has 1, 2 or 4 bytes: " + size);
        }
        this.size = size;
        bigEndian = Objects.requireNonNull(order, "order") == ByteOrder.BIG_ENDIAN;
    }

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) {
        if (bytes.remaining() < size) {
            bounds.missing(0, size);
            return;
        }
        long length = 0;
        for (int i = 0; i < size; i++) {
            length = length << Byte.SIZE | bytes.get(bytes.position() + (bigEndian ? i : size - 1 - i)) & 0xff;
        }
        bounds.found(size, length, 0);
    }

    @Override
    public int overhead() {
        return size;
    }

    @Override
    public void before(ByteBuffer message, ByteBuffer target) {
        int length = message.remaining();
        if (size < Integer.BYTES && length >>> size * Byte.SIZE != 0) {
            throw new IllegalArgumentException(
                    "a length of " + size + " bytes is too short for a message of " + length + " bytes");
        }
        for (int i = 0; i < size; i++) {
            target.put((byte) (length >>> (bigEndian ? size - 1 - i : i) * Byte.SIZE));
        }
    }

    @Override
    public String toString() {
        return "messages behind a length of " + size + " bytes" + (bigEndian ? "" : ", the least significant first");
    }
}
