/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.HandleCallback;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.contract.Contract;
import io.panpipe.contract.Needs;
import io.panpipe.contract.Trait;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages over the pipes of a loop. */
abstract class MessagesContract extends Contract {

    /** Returns a callback that logs messages, and at the end the error's name. */
    private TextCallback<Pipe> logsAll() {
        return (pipe, text, error) -> {
            log.add(text != null ? text : name(error));
            if (text == null) {
                pipe.close();
            }
        };
    }

    private static String name(IOException error) {
        return error instanceof FramingException broken
                ? broken.kind().name()
                : ((PanpipeException) error).code().name();
    }

    private static ByteBuffer copy(ByteBuffer message) {
        return ByteBuffer.allocate(message.remaining()).put(message).flip();
    }

    private boolean isClosed(Pipe pipe) {
        return pipe.closed();
    }

    @Test
    void linesComeWholeAndThenTheEnd() throws Exception {
        Ends ends = ends();
        MessageWriter<Pipe> writer = new MessageWriter<>(ends.a(), Framing.lines());
        MessageReader.startText(ends.b(), Framing.lines(), logsAll());
        assertTrue(writer.write("one"));
        writer.write("");
        writer.write("zwölf", (a, error) -> {
            throwIfAny(error);
            a.write(bytes("three\r\nfo"));
            a.write(bytes("ur"));
            finishWriting(a);
        });
        run(RunMode.NOWAIT);
        runUntil(() -> isClosed(ends.b()));
        assertEquals(List.of("one", "", "zwölf", "three", "four", "EOF"), log);
    }

    @Test
    void nothingIsCalledBackInsideTheCall() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("a\nb\n"));
        settle();
        MessageReader<Pipe> reader = MessageReader.startText(ends.b(), Framing.lines(), logsAll());
        assertEquals(List.of(), log);
        runUntil(() -> log.size() == 2);
        reader.pause();
        reader.resume();
        assertEquals(2, log.size());
        assertTrue(reader.stream() == ends.b());
    }

    @Test
    void aChangeOfFramingOutsideACallbackFindsWhatHasComeAlready() throws Exception {
        Ends ends = ends();
        MessageReader<Pipe> reader = MessageReader.startText(ends.b(), Framing.lines(), logsAll());
        ends.a().write(bytes("abcdef"));
        settle();
        assertEquals(List.of(), log);
        reader.framing(Framing.fixed(2), 10);
        assertEquals(List.of(), log);
        runUntil(() -> log.size() == 3);
        ends.a().write(bytes("gh"));
        runUntil(() -> log.size() == 4);
        assertEquals(List.of("ab", "cd", "ef", "gh"), log);
        ends.close();
        run();
    }

    @Test
    void messagesOfEveryFramingAndLengthComeBack() throws Exception {
        List<Framing> framings = List.of(
                Framing.lines(), Framing.nul(), Framing.length(4), Framing.varint(), Framing.contentLength());
        for (Framing framing : framings) {
            Ends ends = ends();
            MessageWriter<Pipe> answers = new MessageWriter<>(ends.b(), framing);
            MessageReader.start(ends.b(), framing, (pipe, message, error) -> {
                if (message == null) {
                    assertEquals("EOF", name(error));
                    pipe.close();
                } else if (message.remaining() % 2 == 0) {
                    answers.write(message);
                } else {
                    answers.write(message, (same, failed) -> {});
                }
            });
            MessageWriter<Pipe> questions = new MessageWriter<>(ends.a(), framing);
            List<ByteBuffer> asked = new ArrayList<>();
            for (int length : new int[] {0, 1, 5, 100, 4_096, 5_000, 64 * 1024, 300_001, 7, 0, 200_000, 3}) {
                byte[] message = new byte[length];
                for (int i = 0; i < length; i++) {
                    message[i] = (byte) ('a' + (i * 31 + length) % 26);
                }
                asked.add(ByteBuffer.wrap(message));
                questions.write(message);
            }
            List<ByteBuffer> answered = new ArrayList<>();
            MessageReader.start(ends.a(), framing, (pipe, message, error) -> {
                answered.add(copy(message));
                if (answered.size() == asked.size()) {
                    pipe.close();
                }
            });
            runUntil(() -> isClosed(ends.a()) && isClosed(ends.b()));
            assertEquals(asked, answered, framing::toString);
        }
    }

    @Test
    void whatTheEndCutsOffIsToldApartFromTheEnd() throws Exception {
        Ends ends = ends();
        MessageReader.startText(ends.b(), Framing.nul(), logsAll());
        ends.a().write(bytes("whole\0ha"));
        ends.a().write(bytes("lf"));
        finishWriting(ends.a());
        runUntil(() -> isClosed(ends.b()));
        assertEquals(List.of("whole", "CUT_OFF"), log);
    }

    @Test
    void whatIsTooLongEndsTheReadingBehindWhatCameBefore() throws Exception {
        Ends ends = ends();
        MessageReader<Pipe> reader = MessageReader.startText(ends.b(), Framing.length(2), 10, (pipe, text, error) -> {
            log.add(text != null ? text : name(error));
            assertEquals(text == null, !pipe.active(), "reading has stopped");
        });
        ends.a().write(new byte[] {0, 2, 'o', 'k', 0, 10, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 0, 11});
        ends.a().write(bytes("and so on"));
        runUntil(() -> log.size() == 3);
        settle();
        reader.pause();
        reader.resume();
        settle();
        assertEquals(List.of("ok", "0123456789", "TOO_LONG"), log);
        assertFalse(isClosed(ends.b()), "that is up to the user");
        ends.b().write(bytes("goodbye"));
        receive(ends.a(), 7);
        runUntil(() -> isClosed(ends.a()));
    }

    @Test
    void aFramingThatThrowsEndsTheReading() throws Exception {
        Ends ends = ends();
        Framing broken = new Framing() {
            @Override
            public void find(ByteBuffer bytes, MessageBounds bounds) {
                throw new IllegalStateException("a mistake");
            }

            @Override
            public int overhead() {
                return 0;
            }
        };
        MessageReader.start(ends.b(), broken, (pipe, message, error) -> {
            log.add(error.getMessage());
            assertInstanceOf(IllegalStateException.class, error.getCause());
            pipe.close();
        });
        ends.a().write(bytes("x"));
        runUntil(() -> isClosed(ends.b()));
        assertTrue(log.getFirst().contains("a mistake"), log::toString);
    }

    // Back-pressure.

    @Test
    void aPausedReaderHandsOutNothingAndTheSenderWaits() throws Exception {
        Ends ends = ends();
        int[] received = {0};
        List<MessageReader<Pipe>> reader = new ArrayList<>();
        reader.add(MessageReader.startText(ends.b(), Framing.lines(), (pipe, text, error) -> {
            if (text == null) {
                pipe.close();
                return;
            }
            assertEquals("line " + received[0]++, text);
            if (received[0] == 10) {
                reader.getFirst().pause();
                reader.getFirst().pause();
            }
        }));
        MessageWriter<Pipe> writer = new MessageWriter<>(ends.a(), Framing.lines());
        int[] sent = {0};
        for (int i = 0; i < 10; i++) {
            writer.write("line " + sent[0]++);
        }
        runUntil(() -> received[0] == 10);
        HandleCallback<Pipe> fill = a -> {
            while (writer.write("line " + sent[0]++)) {
                assertTrue(sent[0] < 10_000_000, "nobody takes them");
            }
        };
        ends.a().onDrain(fill);
        fill.call(ends.a());
        for (int before = 0; sent[0] > before; ) {
            before = sent[0];
            settle();
        }
        assertEquals(10, received[0]);
        assertTrue(ends.a().writeQueueSize() > 0);
        ends.a().onDrain(a -> {});
        finishWriting(ends.a());
        reader.getFirst().resume();
        runUntil(() -> isClosed(ends.b()));
        assertEquals(sent[0], received[0]);
    }

    @Test
    void messagesOfOneReadThatCameBeforeAPauseComeAfterIt() throws Exception {
        Ends ends = ends();
        List<MessageReader<Pipe>> reader = new ArrayList<>();
        reader.add(MessageReader.startText(ends.b(), Framing.lines(), (pipe, text, error) -> {
            log.add(text != null ? text : name(error));
            reader.getFirst().pause();
            if (error != null) {
                pipe.close();
            }
        }));
        ends.a().write(bytes("a\nb\nc\nd"));
        finishWriting(ends.a());
        for (int i = 1; i <= 5; i++) {
            int count = i;
            runUntil(() -> log.size() == count);
            settle();
            assertEquals(count, log.size());
            if (!isClosed(ends.b())) {
                reader.getFirst().resume();
                reader.getFirst().resume();
                assertEquals(count, log.size(), "not inside the call");
            }
        }
        assertEquals(List.of("a", "b", "c", "d", "EOF"), log);
        reader.getFirst().resume();
    }

    @Test
    void pausingAndResumingInOneCallbackLosesNothing() throws Exception {
        Ends ends = ends();
        int[] depth = {0};
        List<MessageReader<Pipe>> reader = new ArrayList<>();
        reader.add(MessageReader.startText(ends.b(), Framing.lines(), (pipe, text, error) -> {
            assertEquals(1, ++depth[0]);
            log.add(text != null ? text : name(error));
            reader.getFirst().pause();
            reader.getFirst().resume();
            if (error != null) {
                pipe.close();
            } else if (log.size() % 2 == 0) {
                reader.getFirst().pause();
                reader.getFirst().resume();
            }
            depth[0]--;
        }));
        ends.a().write(bytes("1\n2\n3\n4\n5"));
        ends.a().write(bytes("\n6\n"));
        finishWriting(ends.a());
        runUntil(() -> isClosed(ends.b()));
        assertEquals(List.of("1", "2", "3", "4", "5", "6", "EOF"), log);
    }

    @Test
    void aReaderThatIsPausedAtTheEndHearsOfItWhenItGoesOn() throws Exception {
        Ends ends = ends();
        MessageReader<Pipe> reader = MessageReader.startText(ends.b(), Framing.nul(), logsAll());
        reader.pause();
        ends.a().write(bytes("a\0b\0"));
        finishWriting(ends.a());
        settle();
        assertEquals(List.of(), log);
        reader.resume();
        runUntil(() -> isClosed(ends.b()));
        assertEquals(List.of("a", "b", "EOF"), log);
    }

    // What callbacks do.

    @Test
    void aMessageWhoseCallbackThrowsIsFollowedByTheNext() throws Exception {
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add("caught " + thrown.getMessage()));
        Ends ends = ends();
        MessageReader.startText(ends.b(), Framing.lines(), (pipe, text, error) -> {
            if (error != null) {
                pipe.close();
            }
            throw new IOException(text != null ? text : name(error));
        });
        ends.a().write(bytes("a\nb\nlast"));
        settle();
        finishWriting(ends.a());
        runUntil(() -> isClosed(ends.b()));
        assertEquals(List.of("caught a", "caught b", "caught last", "caught EOF"), log);
    }

    @Test
    void afterACloseInACallbackNothingComes() throws Exception {
        Ends ends = ends();
        MessageReader<Pipe> reader = MessageReader.startText(ends.b(), Framing.lines(), (pipe, text, error) -> {
            log.add(text);
            pipe.close();
        });
        // Of which a part may be refused, when the other end is closed.
        ends.a().write(bytes("a\nb\nc"), (a, error) -> {});
        runUntil(() -> isClosed(ends.b()));
        settle();
        assertEquals(List.of("a"), log);
        reader.pause();
        reader.resume();
        settle();
        assertEquals(List.of("a"), log);
    }

    @Test
    void theFramingMayChangeInACallback() throws Exception {
        Ends ends = ends();
        List<MessageReader<Pipe>> reader = new ArrayList<>();
        reader.add(MessageReader.startText(ends.b(), Framing.crlfLines(), (pipe, text, error) -> {
            log.add(text != null ? text : name(error));
            if (text == null) {
                pipe.close();
            } else if (text.startsWith("Length: ")) {
                reader.getFirst().framing(Framing.fixed(Integer.parseInt(text.substring(8))), 100);
            } else {
                reader.getFirst().framing(Framing.lines());
            }
        }));
        ends.a().write(bytes("Length: 5\r\nfirstLength: 6\nsecondend\n"));
        finishWriting(ends.a());
        runUntil(() -> isClosed(ends.b()));
        assertEquals(List.of("Length: 5", "first", "Length: 6", "second", "end", "EOF"), log);
    }

    // Writing.

    @Test
    void whatIsNoMessageIsNotWritten() throws Exception {
        Ends ends = ends();
        MessageWriter<Pipe> writer = new MessageWriter<>(ends.a(), Framing.lines());
        assertThrows(IllegalArgumentException.class, () -> writer.write("two\nlines"));
        assertThrows(IllegalArgumentException.class, () -> writer.write("two\nlines", logs("never")));
        assertThrows(IllegalArgumentException.class, () -> writer.write("half \ud83d"));
        writer.write("one line");
        writer.framing(Framing.length(1));
        assertThrows(IllegalArgumentException.class, () -> writer.write(new byte[256]));
        writer.write(new byte[] {'x'}, logs("written"));
        Received received = new Received();
        ends.b().startRead((pipe, data, error) -> received.add(data));
        runUntil(() -> received.text.length() == 11);
        assertEquals("one line\n\1x", received.text.toString());
        settle();
        assertEquals(List.of("written"), log);
        assertTrue(writer.stream() == ends.a());
        ends.a().close();
        assertThrows(IllegalStateException.class, () -> writer.write("late"));
    }

    private static final class Received {
        private final StringBuilder text = new StringBuilder();

        private void add(ByteBuffer data) {
            if (data != null) {
                text.append(Contract.text(data));
            }
        }
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aWriteThatFailsIsTold() throws Exception {
        Ends ends = ends();
        MessageWriter<Pipe> writer = new MessageWriter<>(ends.a(), Framing.varint());
        ends.a().shutdown();
        writer.write("x", (a, error) -> log.add(name(error)));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of(ErrorCode.EPIPE.name()), log);
    }

    @Test
    void thousandsOfSmallMessagesOfOneCallbackComeInOrder() throws Exception {
        Ends ends = ends();
        MessageWriter<Pipe> writer = new MessageWriter<>(ends.a(), Framing.length(2));
        int[] next = {0};
        MessageReader.start(ends.b(), Framing.length(2), (pipe, message, error) -> {
            if (message == null) {
                pipe.close();
                return;
            }
            assertEquals(4, message.remaining());
            assertEquals(next[0]++, message.getInt());
        });
        for (int i = 0; i < 20_000; i++) {
            writer.write(ByteBuffer.allocate(4).putInt(i).flip());
        }
        finishWriting(ends.a());
        runUntil(() -> isClosed(ends.b()));
        assertEquals(20_000, next[0]);
    }

    /** Both ends send, pause and go on at random. */
    @Test
    void randomConversationsLoseNothing() throws Exception {
        for (long seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            Ends ends = ends();
            Side a = new Side(ends.a(), random);
            Side b = new Side(ends.b(), random);
            a.peer = b;
            b.peer = a;
            runUntil(() -> a.isDone() & b.isDone());
            ends.close();
            run();
        }
    }

    /** One end of a random conversation. */
    private final class Side {

        private final Random random;
        private final MessageReader<Pipe> reader;
        private final MessageWriter<Pipe> writer;
        private final Timer timer;
        private final List<ByteBuffer> sent = new ArrayList<>();
        private int received;
        private Side peer;
        private int left = 30;

        Side(Pipe pipe, Random random) throws PanpipeException {
            this.random = random;
            reader = MessageReader.start(pipe, Framing.varint(), (same, message, error) -> {
                assertEquals(null, error);
                assertEquals(peer.sent.get(received), message, "message " + received);
                received++;
                maybePause();
            });
            writer = new MessageWriter<>(pipe, Framing.varint());
            timer = new Timer(loop);
            timer.start(due -> act(), Duration.ofMillis(1), Duration.ofMillis(1));
        }

        private void maybePause() throws PanpipeException {
            if (random.nextInt(5) == 0) {
                reader.pause();
                if (random.nextInt(3) == 0) {
                    reader.resume();
                }
            }
        }

        private void act() throws PanpipeException {
            if (left-- <= 0) {
                reader.resume();
                return;
            }
            for (int i = random.nextInt(20); i > 0; i--) {
                byte[] message = new byte[random.nextInt(random.nextInt(10) == 0 ? 100_000 : 300)];
                random.nextBytes(message);
                sent.add(ByteBuffer.wrap(message));
                if (random.nextBoolean()) {
                    writer.write(message);
                } else {
                    writer.write(message, (same, error) -> {});
                }
            }
            if (random.nextBoolean()) {
                reader.resume();
            }
        }

        boolean isDone() {
            if (left > 0 || peer.left > 0 || received < peer.sent.size()) {
                return false;
            }
            timer.close();
            return true;
        }
    }
}
