/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.nio.ByteBuffer;

/** Frames of a length, a number and a body, made and put together again from whatever pieces a stream is cut into. */
final class Frames {

    /** The longest body that is taken: whoever is at the other end does not decide about our memory. */
    static final int LONGEST = 1 << 20;

    private static final int HEADER = 8;

    /** Who is told of a frame. */
    interface Receiver {
        void frame(int number, byte[] body);
    }

    private final Receiver receiver;
    private ByteBuffer partial = ByteBuffer.allocate(256);

    Frames(Receiver receiver) {
        this.receiver = receiver;
    }

    /** Returns a frame, ready to be written. */
    static ByteBuffer frame(int number, byte[] body) {
        return ByteBuffer.allocate(HEADER + body.length).putInt(body.length).putInt(number).put(body).flip();
    }

    /**
     * Takes a piece of the stream, which is the loop's own buffer: what is not complete is copied.
     *
     * @return false if this is no stream of frames: nothing more can be made of it
     */
    boolean take(ByteBuffer piece) {
        if (partial.remaining() < piece.remaining()) {
            partial = ByteBuffer.allocate(2 * (partial.position() + piece.remaining())).put(partial.flip());
        }
        partial.put(piece).flip();
        while (partial.remaining() >= HEADER) {
            int length = partial.getInt(partial.position());
            if (length < 0 || length > LONGEST) {
                return false;
            }
            if (partial.remaining() < HEADER + length) {
                break;
            }
            int number = partial.getInt(partial.position() + Integer.BYTES);
            byte[] body = new byte[length];
            partial.get(partial.position() + HEADER, body);
            partial.position(partial.position() + HEADER + length);
            receiver.frame(number, body);
        }
        partial.compact();
        return true;
    }
}
