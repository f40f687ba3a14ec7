/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.framing.Framing;
import io.panpipe.framing.FramingException;
import io.panpipe.framing.MessageDecoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The messages that threads read, and what was read with them and is of later ones. There is one only where somebody
 * reads messages; it belongs to the thread whose turn to read it is.
 */
final class MessageInput {

    /** What is read in one go at first, and where little comes. */
    private static final int LEAST = 8 * 1024;

    /** What is read in one go where that much comes. */
    private static final int MOST = 64 * 1024;

    private final MessageDecoder decoder;
    private Framing framing;
    private int limit;
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int size = LEAST;
    private volatile int buffered;

    MessageInput(Framing framing, int limit) {
        this.framing = framing;
        this.limit = limit;
        decoder = new MessageDecoder(framing, limit);
    }

    /** Says how the next message is framed. */
    void expect(Framing next, int longest) {
        // Where nothing has changed, what was looked at in vain need not be looked at again.
        if (next != framing || longest != limit) {
            decoder.framing(next, longest);
            framing = next;
            limit = longest;
        }
    }

    /** Takes bytes that were read before, by reference. */
    void take(ByteBuffer bytes) {
        decoder.feed(bytes);
    }

    /** Returns the next message, valid until something else is called here, or null if more has to be read. */
    @Nullable ByteBuffer next() throws FramingException {
        return decoder.next();
    }

    /** Returns where to read to; what it held before was decoded. */
    ByteBuffer room() {
        if (buffer.capacity() != size) {
            buffer = ByteBuffer.allocate(size);
        }
        return buffer.clear();
    }

    /** Takes what was read to there. */
    void hasRead(int count) {
        if (count == size) {
            size = Math.min(MOST, 2 * size);
        } else if (count <= size / 4) {
            size = LEAST;
        }
        decoder.feed(buffer.flip());
    }

    /** Returns the last message of a stream that has ended, or null if there is none. */
    @Nullable ByteBuffer last() throws FramingException {
        return decoder.end();
    }

    /** Lets other threads know how much is left. */
    void publish() {
        buffered = decoder.buffered();
    }

    /** Returns how much is left. From any thread. */
    int buffered() {
        return buffered;
    }

    /** Gives away what is left, for a read of bytes. */
    ByteBuffer takeAll() {
        ByteBuffer rest = ByteBuffer.allocate(decoder.buffered());
        decoder.drainTo(rest);
        buffered = 0;
        return rest.flip();
    }
}
