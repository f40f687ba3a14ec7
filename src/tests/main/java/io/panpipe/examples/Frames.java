/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.framing.Framing;
import io.panpipe.framing.MessageBounds;
import java.nio.ByteBuffer;

/** Frames of a length, a number and a body: a framing of one's own. What is read of each is the number and the body. */
final class Frames implements Framing {

    static final Frames FRAMES = new Frames();

    /** The longest body that is taken: whoever is at the other end does not decide about our memory. */
    static final int LONGEST = 1 << 20;

    private static final int HEADER = 2 * Integer.BYTES;

    private Frames() {}

    /** Returns a frame, ready to be written. */
    static ByteBuffer frame(int number, byte[] body) {
        return ByteBuffer.allocate(HEADER + body.length).putInt(body.length).putInt(number).put(body).flip();
    }

    /** Returns the body of a frame, whose number was taken from it. */
    static byte[] body(ByteBuffer frame) {
        byte[] body = new byte[frame.remaining()];
        frame.get(body);
        return body;
    }

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) {
        if (bytes.remaining() < HEADER) {
            bounds.missing(0, HEADER);
        } else {
            long length = Integer.toUnsignedLong(bytes.getInt(bytes.position()));
            bounds.found(Integer.BYTES, Integer.BYTES + length, 0);
        }
    }

    @Override
    public int overhead() {
        return Integer.BYTES;
    }
}
