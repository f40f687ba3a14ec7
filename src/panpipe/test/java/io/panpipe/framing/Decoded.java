/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What becomes of a stream that comes in pieces: the text of each message, and at last how it ended. */
final class Decoded {

    static final String END = "<end>";

    private static final byte FILLED = (byte) 0xDB;

    private final MessageDecoder decoder;
    private final List<String> found = new ArrayList<>();
    private final boolean drains;

    private Decoded(MessageDecoder decoder, boolean drains) {
        this.decoder = decoder;
        this.drains = drains;
    }

    /** Decodes a stream that is cut before some of its bytes, in ascending order. */
    static List<String> of(Framing framing, int limit, byte[] stream, int... cuts) {
        return of(framing, limit, true, stream, cuts);
    }

    /**
     * Decodes a stream.
     *
     * @param drains whether all messages of a piece are taken before the next one comes; else one
     */
    static List<String> of(Framing framing, int limit, boolean drains, byte[] stream, int... cuts) {
        Decoded decoded = new Decoded(new MessageDecoder(framing, limit), drains);
        try {
            int from = 0;
            for (int cut : cuts) {
                decoded.take(stream, from, cut);
                from = cut;
            }
            decoded.take(stream, from, stream.length);
            decoded.end();
        } catch (FramingException broken) {
            decoded.found.add(broken.kind().name());
            FramingException again = assertThrows(FramingException.class, () -> {
                decoded.decoder.next();
                decoded.decoder.end();
            });
            assertEquals(broken.kind(), again.kind(), "and again");
        }
        return decoded.found;
    }

    /** Feeds a piece as a loop does: out of memory that is filled with something else afterwards. */
    private void take(byte[] stream, int from, int to) throws FramingException {
        int length = to - from;
        int offset = from % 3;
        ByteBuffer memory = from % 2 == 0 ? ByteBuffer.allocate(length + 7) : ByteBuffer.allocateDirect(length + 7);
        fill(memory);
        ByteBuffer piece = memory.duplicate().put(offset, stream, from, length).limit(offset + length).position(offset);
        decoder.feed(piece);
        try {
            ByteBuffer message = decoder.next();
            while (message != null) {
                found.add(text(message));
                message = drains ? decoder.next() : null;
            }
        } finally {
            decoder.keep();
            assertEquals(offset + length, piece.position(), "all is taken");
            assertEquals(ByteBuffer.wrap(stream, from, length), memory.slice(offset, length), "what was fed has changed");
            assertEquals(FILLED, memory.get(offset + length), "and what is behind it");
            fill(memory);
        }
    }

    private void end() throws FramingException {
        for (ByteBuffer message = decoder.next(); message != null; message = decoder.next()) {
            found.add(text(message));
        }
        ByteBuffer last = decoder.end();
        if (last != null) {
            found.add(text(last));
        }
        assertNull(decoder.end());
        assertEquals(0, decoder.buffered());
        found.add(END);
    }

    private static void fill(ByteBuffer memory) {
        byte[] filling = new byte[memory.capacity()];
        Arrays.fill(filling, FILLED);
        memory.put(0, filling);
    }

    static String text(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Returns what a writer makes of messages. */
    static byte[] stream(Framing framing, List<String> messages) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (String text : messages) {
            ByteBuffer message = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            ByteBuffer around = ByteBuffer.allocate(Framing.AROUND);
            framing.before(message, around);
            stream.writeBytes(Arrays.copyOf(around.array(), around.position()));
            stream.writeBytes(message.array());
            around.clear();
            framing.after(message, around);
            stream.writeBytes(Arrays.copyOf(around.array(), around.position()));
        }
        return stream.toByteArray();
    }
}
