/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;

/** Messages that end with a certain byte. */
final class DelimiterFraming implements Framing {

    static final DelimiterFraming NUL = new DelimiterFraming(0);

    private final byte delimiter;

    DelimiterFraming(int delimiter) {
        if (delimiter < 0 || delimiter > 0xff) {
            throw new IllegalArgumentException("a delimiter is a byte, 0 to 255: " + delimiter);
        }
        this.delimiter = (byte) delimiter;
    }

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) {
        int begin = bytes.position();
        int end = ByteSearch.indexOf(bytes, delimiter, begin + bounds.scanned(), bytes.limit());
        if (end < 0) {
            bounds.missing(bytes.remaining());
        } else {
            bounds.found(0, end - begin, 1);
        }
    }

    @Override
    public int overhead() {
        return 1;
    }

    @Override
    public void before(ByteBuffer message, ByteBuffer target) {
        if (ByteSearch.contains(message, delimiter)) {
            throw new IllegalArgumentException("a message has its delimiter in it, the byte " + (delimiter & 0xff));
        }
    }

    @Override
    public void after(ByteBuffer message, ByteBuffer target) {
        target.put(delimiter);
    }

    @Override
    public String toString() {
        return "messages that end with the byte " + (delimiter & 0xff);
    }
}
