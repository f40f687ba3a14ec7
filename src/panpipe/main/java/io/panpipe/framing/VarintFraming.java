/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;

/** Messages behind their length as a varint of Protocol Buffers. */
final class VarintFraming implements Framing {

    static final VarintFraming VARINT = new VarintFraming();

    /** So many bytes have 35 bits, of which 32 are used. */
    private static final int LONGEST = 5;

    private static final int MORE = 0x80;
    private static final int BITS = 7;

    private VarintFraming() {}

    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) throws FramingException {
        long length = 0;
        for (int i = 0; i < LONGEST; i++) {
            if (i == bytes.remaining()) {
                bounds.missing(0, i + 1);
                return;
            }
            int next = bytes.get(bytes.position() + i) & 0xff;
            length |= (long) (next & ~MORE) << i * BITS;
            if (next < MORE) {
                if (next == 0 && i > 0) {
                    throw FramingException.malformed("a varint of " + (i + 1) + " bytes that could be shorter");
                }
                if (length > 0xffff_ffffL) {
                    throw FramingException.malformed("a varint of more than 32 bits");
                }
                bounds.found(i + 1, length, 0);
                return;
            }
        }
        throw FramingException.malformed("a varint of more than " + LONGEST + " bytes");
    }

    @Override
    public int overhead() {
        return LONGEST;
    }

    @Override
    public void before(ByteBuffer message, ByteBuffer target) {
        int rest = message.remaining();
        while (rest >= MORE) {
            target.put((byte) (rest | MORE));
            rest >>>= BITS;
        }
        target.put((byte) rest);
    }

    @Override
    public String toString() {
        return "messages behind a varint";
    }
}
