/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.framing.Framing;
import io.panpipe.framing.FramingException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Messages that threads read from channels, and write to them. */
abstract class MessagesContract extends ChannelFixture {

    private static byte[] message(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertKind(FramingException.Kind kind, FramingException thrown) {
        assertEquals(kind, thrown.kind(), thrown::getMessage);
    }

    @Test
    void linesComeOneByOne() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("one\r\n\ntwö\nla"));
        assertEquals("one", ends.b().readLine());
        assertEquals("", ends.b().readLine());
        assertEquals("twö", ends.b().readLine());
        Running<String> reading = start(() -> ends.b().readLine()).parked();
        ends.a().write(bytes("st"));
        ends.a().close();
        assertEquals("last", reading.get());
        assertNull(ends.b().readLine());
        assertNull(ends.b().readLine(), "and again");
        ends.b().close();
        assertThrows(ClosedChannelException.class, () -> ends.b().readLine());
    }

    @Test
    void thereAreNoMessagesAfterShutdownInputWhateverHasCome() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("one\ntwo\npie"));
        assertEquals("one", ends.b().readLine());
        ends.b().shutdownInput();
        assertNull(ends.b().readLine());
        assertEquals(-1, ends.b().read(ByteBuffer.allocate(10)));
        ends.a().close();
        ends.b().close();
    }

    @Test
    void linesThatAreWrittenAreRead() throws Exception {
        Ends ends = ends();
        ends.a().writeLine("hello");
        ends.a().writeLine("");
        ends.a().writeLine("wörld");
        assertThrows(IllegalArgumentException.class, () -> ends.a().writeLine("two\nlines"));
        assertThrows(IllegalArgumentException.class, () -> ends.a().writeLine("\ud83d"));
        assertEquals("hello\n\nwörld\n", readText(ends.b(), 14));
    }

    @Test
    void messagesOfEveryFramingAndLengthAreWrittenAndRead() throws Exception {
        List<Framing> framings = List.of(Framing.lines(), Framing.nul(), Framing.length(4), Framing.varint(),
                Framing.contentLength());
        for (Framing framing : framings) {
            Ends ends = ends();
            List<byte[]> messages = new ArrayList<>();
            for (int length : new int[] {0, 5, 8 * 1024, 300_001, 0, 100, 64 * 1024 - 4, 1}) {
                messages.add(message("x".repeat(length)));
            }
            Running<Void> writing = start(() -> {
                for (byte[] message : messages) {
                    ends.a().writeMessage(framing, message);
                }
                ends.a().close();
                return null;
            });
            for (byte[] message : messages) {
                assertArrayEquals(message, ends.b().readMessage(framing), framing::toString);
            }
            assertNull(ends.b().readMessage(framing));
            writing.get();
        }
    }

    @Test
    void messagesAndBytesAreReadInTurn() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("head: 5\nbody!line\nbytes, futures\nand the rest"));
        assertEquals("head: 5", ends.b().readLine());
        assertArrayEquals(message("body!"), ends.b().readMessage(Framing.fixed(5)));
        assertEquals("line", ends.b().readLine());
        assertTrue(available(ends.b()) > 0);
        assertEquals("bytes", readText(ends.b(), 5));
        ByteBuffer two = ByteBuffer.allocate(2);
        assertEquals(2, get(ends.b().readAsync(two)));
        assertEquals(", ", text(two));
        assertEquals("futures", ends.b().readLine());
        assertEquals("and the rest".length(), available(ends.b()));
        ByteBuffer[] parts = {ByteBuffer.allocate(4), ByteBuffer.allocate(100)};
        assertEquals(12, ends.b().read(parts));
        assertEquals("and ", text(parts[0]));
        assertEquals("the rest", text(parts[1]));
        assertEquals(0, available(ends.b()));
        ends.a().writeLine("more");
        assertEquals("more", ends.b().readLine());
    }

    @Test
    void aChainOfFuturesTakesWhatWasReadWithALine() throws Exception {
        Ends ends = ends();
        int length = 3_000;
        ends.a().write(bytes("line\n" + "x".repeat(length)));
        assertEquals("line", ends.b().readLine());
        for (int i = 0; i < length; i++) {
            ByteBuffer one = ByteBuffer.allocate(1);
            assertEquals(1, get(ends.b().readAsync(one)));
            assertEquals("x", text(one));
        }
        ends.a().close();
        assertEquals(-1, get(ends.b().readAsync(ByteBuffer.allocate(1))));
    }

    @Test
    void aMessageThatIsCutOffIsToldApartFromTheEnd() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("whole\0half"));
        ends.a().close();
        assertArrayEquals(message("whole"), ends.b().readMessage(Framing.nul()));
        for (int i = 0; i < 2; i++) {
            assertKind(FramingException.Kind.CUT_OFF,
                    assertThrows(FramingException.class, () -> ends.b().readMessage(Framing.nul())));
        }
        assertEquals("half", readText(ends.b(), 100), "the bytes are there");
        assertNull(ends.b().readMessage(Framing.nul()));
    }

    @Test
    void whatIsTooLongIsRefusedAndCanBeReadWithAnotherLimit() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("1234567890\nnext\n"));
        for (int i = 0; i < 2; i++) {
            assertKind(FramingException.Kind.TOO_LONG,
                    assertThrows(FramingException.class, () -> ends.b().readLine(9)));
        }
        assertThrows(IllegalArgumentException.class, () -> ends.b().readLine(-1));
        assertEquals("1234567890", ends.b().readLine(10));
        assertEquals("next", ends.b().readLine());
        Running<Void> flood = start(() -> {
            ends.a().write(ByteBuffer.allocate(4 << 20));
            return null;
        });
        assertKind(FramingException.Kind.TOO_LONG, assertThrows(FramingException.class, () -> ends.b().readLine()));
        ends.b().close();
        assertThrows(Exception.class, flood::get);
        Ends others = ends();
        others.a().write(bytes("no header\r\n"));
        assertKind(FramingException.Kind.MALFORMED,
                assertThrows(FramingException.class, () -> others.b().readMessage(Framing.contentLength())));
    }

    @Test
    void aReadThatIsLateIsGoneOnWith() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("begun, "));
        ends.b().readTimeout(Duration.ofMillis(20));
        for (int i = 0; i < 2; i++) {
            SocketTimeoutException late = assertThrows(SocketTimeoutException.class, () -> ends.b().readLine());
            assertTrue(late.getMessage().contains("PT0.02S"), late::getMessage);
        }
        assertTrue(ends.b().isOpen());
        ends.b().readTimeout(Duration.ZERO);
        ends.a().writeLine("and done");
        assertEquals("begun, and done", ends.b().readLine());
    }

    @Test
    void closingEndsTheWaitForALine() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("half a li"));
        Running<String> reading = start(() -> ends.b().readLine()).parked();
        ends.b().close();
        Exception ended = assertThrows(Exception.class, reading::get);
        assertTrue(ended.getCause() instanceof ClosedChannelException, ended::toString);
    }

    @Test
    void severalThreadsReadAndWriteWholeMessages() throws Exception {
        Ends ends = ends();
        int threads = 8;
        int each = 200;
        List<Running<Void>> writers = new ArrayList<>();
        List<Running<Set<String>>> readers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            writers.add(start(() -> {
                Random random = new Random(number);
                for (int j = 0; j < each; j++) {
                    String text = number + "-" + j + "-" + "x".repeat(random.nextInt(j == 7 ? 200_000 : 500));
                    ends.a().writeMessage(Framing.length(4), message(text));
                }
                return null;
            }));
            readers.add(start(() -> {
                Set<String> read = new TreeSet<>();
                byte[] message = ends.b().readMessage(Framing.length(4));
                while (message != null) {
                    String text = new String(message, StandardCharsets.UTF_8);
                    assertTrue(text.matches("\\d-\\d+-x*"), text);
                    read.add(text.substring(0, text.lastIndexOf('-')));
                    message = ends.b().readMessage(Framing.length(4));
                }
                return read;
            }));
        }
        for (Running<Void> writer : writers) {
            writer.get();
        }
        ends.a().close();
        Set<String> all = new TreeSet<>();
        for (Running<Set<String>> reader : readers) {
            all.addAll(reader.get());
        }
        assertEquals(threads * each, all.size());
    }
}
