/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static io.panpipe.framing.Decoded.END;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each framing makes of a stream, wherever it is cut. */
@Tag("simulated")
class FramingTest {

    private static final int LIMIT = 300;

    /** Streams of so few bytes are cut in every way there is. */
    private static final int SHORT = 12;

    private static final Framing LINES = Framing.lines();
    private static final Framing CONTENT = Framing.contentLength();

    /** Returns the bytes of a text whose characters are bytes. */
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Arguments row(Framing framing, String stream, String... outcome) {
        return Arguments.of(framing, stream, List.of(outcome));
    }

    static Stream<Arguments> streams() {
        String long300 = "x".repeat(LIMIT);
        return Stream.of(
                row(LINES, "", END),
                row(LINES, "one\ntwo\n", "one", "two", END),
                row(LINES, "one\r\ntwo\r\n", "one", "two", END),
                row(LINES, "\n\r\n\n", "", "", "", END),
                row(LINES, "a\r\r\nb\rc\n", "a\r", "b\rc", END),
                row(LINES, "one\nlast", "one", "last", END),
                row(LINES, "one\nlast\r", "one", "last", END),
                row(LINES, "\r", "", END),
                row(LINES, long300 + "\r\n" + long300, long300, long300, END),
                row(LINES, "a\n" + long300 + "x\nb\n", "a", "TOO_LONG"),
                row(LINES, long300 + "x", "TOO_LONG"),
                row(LINES, long300 + "\r\r\n", "TOO_LONG"),
                row(Framing.crlfLines(), "one\ntwo\r\n", "one", "two", END),

                row(Framing.nul(), "one\0\0two\n\0", "one", "", "two\n", END),
                row(Framing.nul(), "one\0tw", "one", "CUT_OFF"),
                row(Framing.nul(), long300 + "\0" + long300 + "x\0", long300, "TOO_LONG"),
                row(Framing.nul(), long300 + "x", "CUT_OFF"),
                row(Framing.nul(), long300 + "xx", "TOO_LONG"),
                row(Framing.delimited('\n'), "one\r\ntwo\nlast", "one\r", "two", "CUT_OFF"),
                row(Framing.delimited(0xff), "\u00fe\u00ff\u00fe\u00fe\u00ff", "\u00fe", "\u00fe\u00fe", END),

                row(Framing.length(1), "\3one\0\2tw", "one", "", "tw", END),
                row(Framing.length(1), "\3on", "CUT_OFF"),
                row(Framing.length(1), "\u00ff" + "y".repeat(255), "y".repeat(255), END),
                row(Framing.length(2), "\0\3one\0\0\0\2tw", "one", "", "tw", END),
                row(Framing.length(2), "\1\u002c" + long300 + "\0", long300, "CUT_OFF"),
                row(Framing.length(2), "\0\0\1\u002d", "", "TOO_LONG"),
                row(Framing.length(2), "\u00ff\u00ff", "TOO_LONG"),
                row(Framing.length(2, ByteOrder.LITTLE_ENDIAN), "\3\0one\u002c\1" + long300, "one", long300, END),
                row(Framing.length(2, ByteOrder.LITTLE_ENDIAN), "\u002d\1", "TOO_LONG"),
                row(Framing.length(4), "\0\0\0\3one\0\0\0\0\0\0\1\u002c" + long300, "one", "", long300, END),
                row(Framing.length(4), "\0\0\0\3one\0\0\0", "one", "CUT_OFF"),
                row(Framing.length(4), "\u007f\u00ff\u00ff\u00ff", "TOO_LONG"),
                row(Framing.length(4), "\u0080\0\0\0", "TOO_LONG"),
                row(Framing.length(4), "\u00ff\u00ff\u00ff\u00ff", "TOO_LONG"),
                row(Framing.length(4, ByteOrder.LITTLE_ENDIAN), "\3\0\0\0one\0\0\0\0", "one", "", END),
                row(Framing.length(4, ByteOrder.LITTLE_ENDIAN), "\0\0\0\u00ff", "TOO_LONG"),

                row(Framing.varint(), "\3one\0\u00ac\2" + long300, "one", "", long300, END),
                row(Framing.varint(), "\u007f" + "y".repeat(127) + "\u0080\1" + "z".repeat(128),
                        "y".repeat(127), "z".repeat(128), END),
                row(Framing.varint(), "\3one\u00ac", "one", "CUT_OFF"),
                row(Framing.varint(), "\u00ad\2", "TOO_LONG"),
                row(Framing.varint(), "\u00ff\u00ff\u00ff\u00ff\u000f", "TOO_LONG"),
                row(Framing.varint(), "\u0080\0", "MALFORMED"),
                row(Framing.varint(), "\1a\u0083\u0080\0", "a", "MALFORMED"),
                row(Framing.varint(), "\u00ff\u00ff\u00ff\u00ff\u0010", "MALFORMED"),
                row(Framing.varint(), "\u00ff\u00ff\u00ff\u00ff\u00ff", "MALFORMED"),

                row(CONTENT, "Content-Length: 3\r\n\r\none", "one", END),
                row(CONTENT, "content-length:2\nContent-Type: a; b=c\n\n{}Content-LENGTH: \t 0 \r\n\r\n",
                        "{}", "", END),
                row(CONTENT, "Content-Length: 007\r\n\r\n1234567", "1234567", END),
                row(CONTENT, "Content-Length: 3\r\n\r\non", "CUT_OFF"),
                row(CONTENT, "Content-Length: 3\r\n\r", "CUT_OFF"),
                row(CONTENT, "\r\n", "MALFORMED"),
                row(CONTENT, "Content-Type: x\r\n\r\n{}", "MALFORMED"),
                row(CONTENT, "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "MALFORMED"),
                row(CONTENT, "Content-Length: -2\r\n\r\n{}", "MALFORMED"),
                row(CONTENT, "Content-Length: +2\r\n\r\n{}", "MALFORMED"),
                row(CONTENT, "Content-Length: 2 2\r\n\r\n{}", "MALFORMED"),
                row(CONTENT, "Content-Length: two\r\n", "MALFORMED"),
                row(CONTENT, "Content-Length:\r\n", "MALFORMED"),
                row(CONTENT, "Content-Length : 2\r\n", "MALFORMED"),
                row(CONTENT, "Content-Length 2\r\n", "MALFORMED"),
                row(CONTENT, ": 2\r\n", "MALFORMED"),
                row(CONTENT, " Content-Length: 2\r\n", "MALFORMED"),
                row(CONTENT, "Starting the server\r\n", "MALFORMED"),
                row(CONTENT, "Content-Length: 2\r\n\r\n{}garbage\n", "{}", "MALFORMED"),
                row(CONTENT, "Content-Length: 301\r\n\r\n", "TOO_LONG"),
                row(CONTENT, "Content-Length: 18446744073709551618\r\n\r\n{}", "TOO_LONG"),
                row(CONTENT, "Content-Length: " + "9".repeat(200) + "\r\n\r\n{}", "TOO_LONG"),

                row(Framing.fixed(3), "onetwo", "one", "two", END),
                row(Framing.fixed(3), "onetw", "one", "CUT_OFF"));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void messagesAreTheSameWhereverTheStreamIsCut(Framing framing, String text, List<String> outcome) {
        byte[] stream = bytes(text);
        assertEquals(outcome, Decoded.of(framing, LIMIT, stream), "in one piece");
        for (int cut = 0; cut <= stream.length; cut++) {
            assertEquals(outcome, Decoded.of(framing, LIMIT, stream, cut), "cut at " + cut);
        }
        int[] everywhere = everywhere(stream.length);
        assertEquals(outcome, Decoded.of(framing, LIMIT, stream, everywhere), "byte for byte");
        assertEquals(outcome, Decoded.of(framing, LIMIT, false, stream, everywhere), "one message each byte");
        for (int split = 0; stream.length <= SHORT && split < 1 << stream.length; split++) {
            assertEquals(outcome, Decoded.of(framing, LIMIT, stream, cuts(stream.length, split)), "split " + split);
        }
    }

    private static int[] everywhere(int length) {
        int[] cuts = new int[Math.max(0, length - 1)];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i + 1;
        }
        return cuts;
    }

    /** Returns a place for each bit that is set. */
    private static int[] cuts(int length, int bits) {
        int[] cuts = new int[Integer.bitCount(bits)];
        int count = 0;
        for (int i = 0; i < length; i++) {
            if ((bits >> i & 1) != 0) {
                cuts[count++] = i;
            }
        }
        return cuts;
    }

    static Stream<Framing> framings() {
        return Stream.of(LINES, Framing.crlfLines(), Framing.nul(), Framing.delimited(';'),
                Framing.length(1), Framing.length(2), Framing.length(4),
                Framing.length(2, ByteOrder.LITTLE_ENDIAN), Framing.length(4, ByteOrder.LITTLE_ENDIAN),
                Framing.varint(), CONTENT);
    }

    @ParameterizedTest
    @MethodSource("framings")
    void whatIsWrittenIsRead(Framing framing) {
        for (int length : new int[] {0, 1, 2, 127, 128, 129, 254, 255}) {
            List<String> messages = List.of("x".repeat(length), "", "y".repeat(length), "z");
            List<String> expected = new ArrayList<>(messages);
            expected.add(END);
            assertEquals(expected, Decoded.of(framing, LIMIT, Decoded.stream(framing, messages)), framing::toString);
        }
    }

    @Test
    void longMessagesAreWrittenAndRead() {
        for (Framing framing : framings().toList()) {
            List<String> messages = framing.overhead() == 1 && !framing.toString().contains("end")
                    ? List.of("x".repeat(255)) : List.of("x".repeat(65_535), "y".repeat(20_000));
            List<String> expected = new ArrayList<>(messages);
            expected.add(END);
            byte[] stream = Decoded.stream(framing, messages);
            assertEquals(expected, Decoded.of(framing, 65_535, stream, 3, 30, 200), framing::toString);
        }
    }

    @Test
    void whatCannotBeReadAgainIsNotWritten() {
        assertRefused(LINES, "two\nlines");
        assertRefused(LINES, "a line\r");
        assertRefused(Framing.crlfLines(), "two\r\nlines");
        assertRefused(Framing.nul(), "a\0b");
        assertRefused(Framing.delimited(';'), ";");
        assertRefused(Framing.length(1), "x".repeat(256));
        assertRefused(Framing.length(2), "x".repeat(65_536));
        assertRefused(Framing.fixed(3), "four");
        Decoded.stream(LINES, List.of("a\rb"));
    }

    private static void assertRefused(Framing framing, String message) {
        List<String> messages = List.of(message);
        assertThrows(IllegalArgumentException.class, () -> Decoded.stream(framing, messages), framing::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5, 8, -1})
    void aLengthHasOneTwoOrFourBytes(int bytes) {
        assertThrows(IllegalArgumentException.class, () -> Framing.length(bytes));
    }

    @Test
    void nonsenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Framing.delimited(256));
        assertThrows(IllegalArgumentException.class, () -> Framing.delimited(-1));
        assertThrows(IllegalArgumentException.class, () -> Framing.fixed(0));
        assertThrows(IllegalArgumentException.class, () -> new MessageDecoder(LINES, -1));
        assertThrows(IllegalArgumentException.class, () -> new MessageDecoder(LINES, MessageDecoder.HIGHEST_LIMIT + 1));
        assertThrows(IllegalArgumentException.class, () -> new MessageBounds().found(0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new MessageBounds().found(0, -1, 5));
    }

    @Test
    void aLimitOfNothingTakesEmptyMessages() {
        assertEquals(List.of("", "", END), Decoded.of(LINES, 0, bytes("\n\r\n")));
        assertEquals(List.of("", "TOO_LONG"), Decoded.of(LINES, 0, bytes("\nx\n")));
    }

    @Test
    void aHeaderWithoutEndIsRefusedBeforeItFillsTheMemory() {
        byte[] header = bytes("Content-Length: 2" + " ".repeat(8_200));
        assertEquals(List.of("TOO_LONG"), Decoded.of(CONTENT, LIMIT, header));
        assertEquals(List.of("TOO_LONG"), Decoded.of(CONTENT, LIMIT, header, 5, 4_000, 8_192, 8_193));
        String full = "X: " + "x".repeat(8_192 - 3 - 2 - 21) + "\r\nContent-Length: 2\r\n\r\n";
        assertEquals(8_192, full.length());
        assertEquals(List.of("{}", END), Decoded.of(CONTENT, LIMIT, bytes(full + "{}")));
        assertEquals(List.of("{}", END), Decoded.of(CONTENT, LIMIT, bytes(full + "{}"), 100, 8_191));
        assertEquals(List.of("TOO_LONG"), Decoded.of(CONTENT, LIMIT, bytes("Y" + full + "{}")));
        assertEquals(List.of("TOO_LONG"), Decoded.of(CONTENT, LIMIT, bytes("Y" + full + "{}"), 100, 8_191));
    }

    // Text.

    @Test
    void noCharacterOfATextIsBroken() {
        String text = "a\u00e9\u20ac\ud83d\ude00b";
        byte[] stream = text.getBytes(StandardCharsets.UTF_8);
        for (int split = 0; split < 1 << stream.length; split++) {
            List<String> pieces = Decoded.of(Framing.text(), LIMIT, stream, cuts(stream.length, split));
            assertEquals(END, pieces.removeLast());
            StringBuilder whole = new StringBuilder();
            for (String piece : pieces) {
                whole.append(new String(bytes(piece), StandardCharsets.UTF_8));
                assertFalse(piece.isEmpty());
            }
            assertEquals(text, whole.toString(), "split " + split);
        }
        assertEquals(List.of("a", "CUT_OFF"), Decoded.of(Framing.text(), LIMIT, bytes("a\u00f0\u009f\u0098")));
        assertEquals(List.of("\u00e9t\u00e9t", END), Decoded.of(Framing.text(), LIMIT, bytes("\u00e9t\u00e9t")));
        String nonsense = "\u0080\u0080\u0080\u0080";
        assertEquals(List.of(nonsense, END), Decoded.of(Framing.text(), LIMIT, bytes(nonsense)));
        assertEquals(List.of("ab", "c", END), Decoded.of(Framing.text(), 2, bytes("abc")));
        byte[] euros = "\u20ac\u20ac".getBytes(StandardCharsets.UTF_8);
        assertEquals(List.of("TOO_LONG"), Decoded.of(Framing.text(), 1, euros));
    }

    @Test
    void textIsWrittenAsUtf8AndHalfASurrogatePairIsNone() {
        String whole = "a\u00e9\ud83d\ude00";
        assertEquals(ByteBuffer.wrap(whole.getBytes(StandardCharsets.UTF_8)), Text.bytes(whole));
        for (String half : List.of("\ud83d", "a\ud83db", "\ude00", "\ude00\ud83d")) {
            assertThrows(IllegalArgumentException.class, () -> Text.bytes(half));
        }
        assertEquals("\ufffdx", Text.of(ByteBuffer.wrap(new byte[] {(byte) 0xff, 'x'})));
        assertEquals("b", Text.of(ByteBuffer.allocateDirect(3).put(1, (byte) 'b').position(1).limit(2)));
        assertEquals("b", Text.of(ByteBuffer.wrap(bytes("abc"), 1, 1).slice()));
    }

    // The decoder.

    @Test
    void aMessageWithinOnePieceIsAPartOfIt() throws FramingException {
        ByteBuffer piece = ByteBuffer.wrap(bytes("one\ntwo\nth"));
        MessageDecoder decoder = new MessageDecoder(LINES);
        decoder.feed(piece);
        for (String expected : List.of("one", "two")) {
            ByteBuffer message = decoder.next();
            assertTrue(message == piece, "the buffer itself");
            assertEquals(expected, Decoded.text(message));
        }
        assertEquals(2, decoder.buffered());
        assertEquals(null, decoder.next());
        assertFalse(piece.hasRemaining());
        decoder.feed(ByteBuffer.wrap(bytes("ree\n")));
        assertEquals("three", Decoded.text(decoder.next()));
    }

    @Test
    void messagesAreBigEndianWhateverWasDoneToTheLast() throws FramingException {
        MessageDecoder decoder = new MessageDecoder(Framing.fixed(2));
        decoder.feed(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).order(ByteOrder.LITTLE_ENDIAN));
        ByteBuffer message = decoder.next();
        assertEquals(0x0102, message.getShort());
        message.order(ByteOrder.LITTLE_ENDIAN).clear();
        assertEquals(0x0304, decoder.next().getShort());
        assertEquals(null, decoder.next());
    }

    @Test
    void theFramingMayChangeBetweenMessages() throws FramingException {
        byte[] stream = bytes("head\n\nbody rest\nlast");
        for (int cut = 0; cut <= stream.length; cut++) {
            MessageDecoder decoder = new MessageDecoder(LINES, 4);
            List<String> found = new ArrayList<>();
            for (byte[] piece : List.of(Arrays.copyOf(stream, cut), Arrays.copyOfRange(stream, cut, stream.length))) {
                decoder.feed(ByteBuffer.wrap(piece));
                for (ByteBuffer message = decoder.next(); message != null; message = decoder.next()) {
                    String text = Decoded.text(message);
                    found.add(text);
                    if (text.isEmpty()) {
                        decoder.framing(Framing.fixed(5), 5);
                    } else if (text.equals("body ")) {
                        decoder.framing(LINES);
                    }
                }
            }
            found.add(Decoded.text(decoder.end()));
            assertEquals(List.of("head", "", "body ", "rest", "last"), found, "cut at " + cut);
        }
    }

    @Test
    void aRefusedChangeOfFramingChangesNothing() throws FramingException {
        MessageDecoder decoder = new MessageDecoder(LINES, 10);
        decoder.feed(ByteBuffer.wrap(bytes("a line")));
        assertNull(decoder.next());
        assertThrows(IllegalArgumentException.class, () -> decoder.framing(Framing.fixed(2), -1));
        assertThrows(NullPointerException.class, () -> decoder.framing(null, 5));
        decoder.feed(ByteBuffer.wrap(bytes("!\n")));
        assertEquals("a line!", Decoded.text(decoder.next()));
    }

    @Test
    void whatIsNoMessageCanBeTakenAsItIs() throws FramingException {
        byte[] stream = bytes("line\nand then bytes");
        for (int cut = 5; cut <= stream.length; cut++) {
            MessageDecoder decoder = new MessageDecoder(LINES);
            decoder.feed(ByteBuffer.wrap(stream, 0, cut));
            assertEquals("line", Decoded.text(decoder.next()));
            if (cut % 2 == 0) {
                assertEquals(null, decoder.next());
            }
            decoder.feed(ByteBuffer.wrap(stream, cut, stream.length - cut));
            assertEquals(14, decoder.buffered());
            ByteBuffer first = ByteBuffer.allocate(3);
            assertEquals(3, decoder.drainTo(first));
            assertEquals("and", Decoded.text(first.flip()));
            ByteBuffer rest = ByteBuffer.allocate(100);
            assertEquals(11, decoder.drainTo(rest));
            assertEquals(" then bytes", Decoded.text(rest.flip()));
            assertEquals(0, decoder.drainTo(rest.clear()));
            assertEquals(null, decoder.next());
            assertEquals(null, decoder.end());
        }
    }

    /** As a loop's, which has one buffer for all reads. */
    @Test
    void everyPieceMayComeInTheSameBuffer() throws FramingException {
        ByteBuffer buffer = ByteBuffer.allocate(20);
        MessageDecoder decoder = new MessageDecoder(LINES);
        decoder.feed(buffer.put(bytes("a\nbytes")).flip());
        assertEquals("a", Decoded.text(decoder.next()));
        ByteBuffer target = ByteBuffer.allocate(5);
        assertEquals(5, decoder.drainTo(target));
        decoder.feed(buffer.clear().put(bytes("b\n")).flip());
        assertEquals("b", Decoded.text(decoder.next()));
        decoder.feed(buffer.clear().put(bytes("c\nd")).flip());
        assertEquals("c", Decoded.text(decoder.next()));
        assertEquals(null, decoder.next());
        decoder.feed(buffer.clear().put(bytes("\n")).flip());
        assertEquals("d", Decoded.text(decoder.next()));
        assertEquals(0, decoder.buffered());
    }

    /** A write may still need it. */
    @Test
    void aMessageThatWasPutTogetherStaysAsItWas() throws FramingException {
        MessageDecoder decoder = new MessageDecoder(LINES);
        List<ByteBuffer> kept = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        StringBuilder stream = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            expected.add("message " + i);
            stream.append("message ").append(i).append('\n');
        }
        for (int from = 0; from < stream.length(); from += 7) {
            decoder.feed(ByteBuffer.wrap(bytes(stream.substring(from, Math.min(stream.length(), from + 7)))));
            for (ByteBuffer message = decoder.next(); message != null; message = decoder.next()) {
                kept.add(message.duplicate());
            }
            decoder.keep();
        }
        assertEquals(expected, kept.stream().map(Decoded::text).toList());
    }

    @Test
    void aFramingOfOnesOwnNeedsLittle() {
        // As that of PostgreSQL: a byte, and a length that counts itself.
        Framing own = new Framing() {
            @Override
            public void find(ByteBuffer bytes, MessageBounds bounds) throws FramingException {
                if (bytes.remaining() < 5) {
                    bounds.missing(0, 5);
                    return;
                }
                long length = Integer.toUnsignedLong(bytes.getInt(bytes.position() + 1));
                if (length < 4) {
                    throw new FramingException(FramingException.Kind.MALFORMED, "a length of " + length);
                }
                bounds.found(0, length + 1, 0);
            }

            @Override
            public int overhead() {
                return 0;
            }
        };
        byte[] stream = bytes("Q\0\0\0\6hiX\0\0\0\4");
        for (int cut = 0; cut <= stream.length; cut++) {
            assertEquals(List.of("Q\0\0\0\6hi", "X\0\0\0\4", END), Decoded.of(own, 7, stream, cut));
            assertEquals(List.of("TOO_LONG"), Decoded.of(own, 6, stream, cut));
        }
        assertEquals(List.of("MALFORMED"), Decoded.of(own, 6, bytes("Q\0\0\0\3")));
    }
}
