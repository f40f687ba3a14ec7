/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;

/** Lines of text, read with and without a carriage return at their end. */
final class LineFraming implements Framing {

    static final LineFraming LF = new LineFraming(false);
    static final LineFraming CRLF = new LineFraming(true);

    private final boolean writesCarriageReturn;

    private LineFraming(boolean writesCarriageReturn) {
        this.writesCarriageReturn = writesCarriageReturn;
    }

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) {
        int begin = bytes.position();
        int end = ByteSearch.indexOf(bytes, (byte) '\n', begin + bounds.scanned(), bytes.limit());
        if (end < 0) {
            bounds.missing(bytes.remaining());
        } else {
            found(bytes, end - begin, 1, bounds);
        }
    }

    @Override
    public void last(ByteBuffer bytes, MessageBounds bounds) {
        found(bytes, bytes.remaining(), 0, bounds);
    }

    private static void found(ByteBuffer bytes, int length, int end, MessageBounds bounds) {
        int carriageReturn = endsWithCarriageReturn(bytes, length) ? 1 : 0;
        bounds.found(0, length - carriageReturn, carriageReturn + end);
    }

    private static boolean endsWithCarriageReturn(ByteBuffer bytes, int length) {
        return length > 0 && bytes.get(bytes.position() + length - 1) == '\r';
    }

    @Override
    public int overhead() {
        return 2;
    }

    /** Refuses what would be read as something else, such as two lines where a stranger's text is to be one. */
    @Override
    public void before(ByteBuffer message, ByteBuffer target) {
        if (ByteSearch.contains(message, (byte) '\n')) {
            throw new IllegalArgumentException("a line has no line feed in it");
        }
        if (endsWithCarriageReturn(message, message.remaining())) {
            throw new IllegalArgumentException("a line does not end with a carriage return, which is part of its end");
        }
    }

    @Override
    public void after(ByteBuffer message, ByteBuffer target) {
        if (writesCarriageReturn) {
            target.put((byte) '\r');
        }
        target.put((byte) '\n');
    }

    @Override
    public String toString() {
        return writesCarriageReturn ? "lines that end with CR LF" : "lines";
    }
}
