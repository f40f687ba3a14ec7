/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;

/** Messages that all have the same length. */
final class FixedFraming implements Framing {

    private final int size;

    FixedFraming(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a message of a fixed length has one byte at least: " + size);
        }
        this.size = size;
    }

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) {
        bounds.found(0, size, 0);
    }

    @Override
    public int overhead() {
        return 0;
    }

    @Override
    public void before(ByteBuffer message, ByteBuffer target) {
        if (message.remaining() != size) {
            throw new IllegalArgumentException("each message has " + size + " bytes: " + message.remaining());
        }
    }

    @Override
    public String toString() {
        return "messages of " + size + " bytes";
    }
}
