/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Bytes that a stream has brought and nobody has taken yet: lines and blocks come out whole, however they were cut. */
final class Incoming {

    /** Between position and limit. */
    private ByteBuffer bytes = ByteBuffer.allocate(256).limit(0);

    /** Adds a piece of the stream, which is the loop's own buffer and so is copied. */
    void add(ByteBuffer piece) {
        int needed = bytes.remaining() + piece.remaining();
        ByteBuffer larger = needed <= bytes.capacity() ? bytes.compact() : ByteBuffer.allocate(2 * needed).put(bytes);
        bytes = larger.put(piece).flip();
    }

    int remaining() {
        return bytes.remaining();
    }

    /** Returns a number that stays where it is, so many bytes on; there have to be four bytes. */
    int peekInt(int offset, ByteOrder order) {
        return bytes.order(order).getInt(bytes.position() + offset);
    }

    /** Returns a byte that stays where it is; there has to be one. */
    byte peek() {
        return bytes.get(bytes.position());
    }

    /** Takes so many bytes, or returns null if there are not enough yet. */
    byte @Nullable [] take(int count) {
        if (bytes.remaining() < count) {
            return null;
        }
        byte[] taken = new byte[count];
        bytes.get(taken);
        return taken;
    }

    /**
     * Takes a line, or returns null if none has ended yet.
     *
     * @return the line without its end, which is a newline with or without a carriage return
     * @throws IOException if it is longer than allowed
     */
    @Nullable String line(int longest) throws IOException {
        int length = 0;
        while (length < bytes.remaining() && bytes.get(bytes.position() + length) != '\n') {
            length++;
        }
        if (length > longest) {
            throw new IOException("a line of more than " + longest + " bytes");
        }
        byte[] taken = take(length + 1);
        if (taken == null) {
            return null;
        }
        int end = length > 0 && taken[length - 1] == '\r' ? length - 1 : length;
        return new String(taken, 0, end, StandardCharsets.UTF_8);
    }
}
