/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What messages cost: nothing where they came in one piece, and no more than twice their length where they did not. */
@Tag("simulated")
class FramingCostTest {

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Stream<Framing> framings() {
        return Stream.of(Framing.lines(), Framing.nul(), Framing.length(1), Framing.length(4),
                Framing.length(2, ByteOrder.LITTLE_ENDIAN), Framing.varint(), Framing.contentLength());
    }

    private static long allocated() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().threadId());
    }

    private static int decode(MessageDecoder decoder, ByteBuffer piece) throws FramingException {
        decoder.feed(piece);
        int count = 0;
        while (decoder.next() != null) {
            count++;
        }
        return count;
    }

    @ParameterizedTest
    @MethodSource("framings")
    void messagesOfOnePieceAllocateNothing(Framing framing) throws FramingException {
        byte[] stream = Decoded.stream(framing, Stream.generate(() -> "a message of some bytes").limit(1_000).toList());
        ByteBuffer piece = ByteBuffer.allocateDirect(stream.length).put(stream);
        MessageDecoder decoder = new MessageDecoder(framing);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long before = allocated();
            int count = decode(decoder, piece.clear());
            least = Math.min(least, allocated() - before);
            assertEquals(1_000, count);
        }
        long bytes = least;
        assertTrue(bytes < 1_000, () -> bytes + " bytes for a thousand messages");
    }

    @ParameterizedTest
    @MethodSource("framings")
    void aLongMessageInManyPiecesIsCopiedTwiceAtMost(Framing framing) throws FramingException {
        int length = framing.overhead() == 1 && !framing.toString().contains("end") ? 255 : framing.overhead() == 2
                && !framing.toString().equals("lines") ? 65_535 : 1 << 18;
        ByteBuffer stream = ByteBuffer.wrap(Decoded.stream(framing, List.of("x".repeat(length))));
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            MessageDecoder decoder = new MessageDecoder(framing);
            long before = allocated();
            int count = 0;
            for (int from = 0; from < stream.capacity(); from += 64) {
                count += decode(decoder, stream.clear().limit(Math.min(stream.capacity(), from + 64)).position(from));
            }
            least = Math.min(least, allocated() - before);
            assertEquals(1, count);
        }
        long bytes = least;
        // The memory is doubled when it is full, and all that was outgrown is as much again.
        assertTrue(bytes < 5L * length + 4_000, () -> bytes + " bytes for a message of " + length);
    }

    /** Of the piece in which it ends, no more is copied than it may need. */
    @Test
    void aMessageOfTwoPiecesCopiesLittleOfThem() throws FramingException {
        byte[] stream = Decoded.stream(Framing.lines(), Stream.generate(() -> "a message").limit(100_000).toList());
        ByteBuffer whole = ByteBuffer.wrap(stream);
        int size = 50_003;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            MessageDecoder decoder = new MessageDecoder(Framing.lines());
            long before = allocated();
            int count = 0;
            for (int from = 0; from < stream.length; from += size) {
                count += decode(decoder, whole.clear().limit(Math.min(stream.length, from + size)).position(from));
            }
            least = Math.min(least, allocated() - before);
            assertEquals(100_000, count);
        }
        long bytes = least;
        assertTrue(bytes < stream.length / size * 1_000L, () -> bytes + " bytes for " + stream.length / size + " messages");
    }

    /** Each byte is looked at once, and not again with each piece. */
    @Test
    void theEndIsNotLookedForInWhatWasLookedAtBefore() throws FramingException {
        long[] looked = {0};
        Framing lines = Framing.lines();
        Framing counting = new Framing() {
            @Override
            public void find(ByteBuffer bytes, MessageBounds bounds) throws FramingException {
                looked[0] += bytes.remaining() - bounds.scanned();
                lines.find(bytes, bounds);
            }

            @Override
            public int overhead() {
                return lines.overhead();
            }
        };
        byte[] piece = new byte[16];
        Arrays.fill(piece, (byte) 'x');
        MessageDecoder decoder = new MessageDecoder(counting);
        int pieces = 50_000;
        for (int i = 0; i < pieces; i++) {
            assertEquals(0, decode(decoder, ByteBuffer.wrap(piece)));
        }
        assertEquals(1, decode(decoder, ByteBuffer.wrap(new byte[] {'\n'})));
        assertTrue(looked[0] <= 2L * pieces * piece.length, () -> looked[0] + " bytes looked at");
    }

    /** A stranger who announces a long message and sends nothing of it costs little. */
    @Test
    void memoryGrowsWithWhatHasCome() throws FramingException {
        MessageDecoder decoder = new MessageDecoder(Framing.length(4), MessageDecoder.HIGHEST_LIMIT);
        long before = allocated();
        assertEquals(0, decode(decoder, ByteBuffer.wrap(new byte[] {0x3f, -1, -1, -1, 'x'})));
        assertEquals(0, decode(decoder, ByteBuffer.wrap(new byte[1_000])));
        long bytes = allocated() - before;
        assertTrue(bytes < 100_000, () -> bytes + " bytes for 1,005 that have come");
    }
}
