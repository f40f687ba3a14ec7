/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What writing does: order, callbacks, and what may be given to it. */
public abstract class WriteContract extends Contract {

    @Test
    void writeNeverCallsBackInside() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("x"), logs("written"));
        assertEquals(List.of(), log);
        run();
        assertEquals(List.of("written"), log);
    }

    @Test
    void writeInsideAWriteCallbackCallsBackLater() throws Exception {
        Ends ends = ends();
        receive(ends.b());
        ends.a().write(bytes("1"), (a, error) -> {
            a.write(bytes("2"), logs("second"));
            a.write(new byte[0], logs("third"));
            log.add("first returns");
        });
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("first returns", "second", "third"), log);
    }

    @Test
    void aWriteIsToldThoughWhatFollowsWithoutACallbackWaits() throws Exception {
        assumeFalse(kernel.writesInFlight(), "both may be in flight together");
        Ends ends = ends();
        ends.a().write(bytes("x"), logs("written"));
        ends.a().write(new byte[8 << 20]);
        settle();
        assertTrue(ends.a().writeQueueSize() > 0, "the second waits");
        assertEquals(List.of("written"), log);
    }

    @Test
    void tenThousandWriteCallbacksComeInOrder() throws Exception {
        Ends ends = ends();
        int count = 10_000;
        List<Integer> order = new ArrayList<>();
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < count; i++) {
            int number = i;
            sent.append(i).append(' ');
            ends.a().write(bytes(i + " "), (a, error) -> {
                throwIfAny(error);
                order.add(number);
                if (number == count - 1) {
                    a.close();
                }
            });
        }
        Received received = receive(ends.b());
        run();
        assertEquals(IntStream.range(0, count).boxed().toList(), order);
        assertEquals(sent.toString(), received.text());
    }

    @Test
    void emptyBuffersAreCalledBackInTheirPlace() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().write(ByteBuffer.allocate(0), logs("empty"));
        ends.a().write(bytes("x"), logs("x"));
        ends.a().write(ByteBuffer.allocateDirect(0), logs("empty direct"));
        settle();
        assertEquals(List.of(), log, "they wait for what is queued before them");
        receive(ends.b());
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("empty", "x", "empty direct"), log);
    }

    @Test
    void emptyWriteOfAnIdlePipeSucceeds() throws Exception {
        Ends ends = ends();
        ends.a().write(new byte[0], logs("empty"));
        ends.a().write(List.of(), logs("no buffers"));
        ends.a().write(List.of(ByteBuffer.allocate(0), ByteBuffer.allocate(0)), logs("empty buffers"));
        run();
        assertEquals(List.of("empty", "no buffers", "empty buffers"), log);
    }

    @Test
    void buffersOfAListArriveInOrder() throws Exception {
        Ends ends = ends();
        ByteBuffer direct = ByteBuffer.allocateDirect(8).put(bytes("direct")).flip();
        ends.a().write(List.of(ByteBuffer.wrap(bytes("heap ")), direct, ByteBuffer.allocate(0),
                ByteBuffer.wrap(bytes(" read-only")).asReadOnlyBuffer()), logs("written"));
        finishWriting(ends.a());
        Received received = receive(ends.b());
        run();
        assertEquals("heap direct read-only", received.text());
        assertEquals(List.of("written"), log, "one request, one callback");
    }

    @Test
    void aListOfMoreBuffersThanOneSystemCallTakesArrives() throws Exception {
        Ends ends = ends();
        byte[] all = pattern(5_000 * 7);
        List<ByteBuffer> pieces = new ArrayList<>();
        for (int i = 0; i < all.length; i += 7) {
            ByteBuffer piece = i % 2 == 0 ? ByteBuffer.allocate(7) : ByteBuffer.allocateDirect(7);
            pieces.add(piece.put(all, i, 7).flip());
        }
        ends.a().write(pieces, (a, error) -> a.close());
        Received received = receive(ends.b());
        run();
        assertArrayEquals(all, received.bytes());
    }

    @Test
    void aListWithLongHeapAndDirectBuffersMixedArrives() throws Exception {
        Ends ends = ends();
        byte[] all = pattern(6 * 100_000);
        List<ByteBuffer> pieces = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ByteBuffer piece = i % 2 == 0 ? ByteBuffer.allocate(100_000) : ByteBuffer.allocateDirect(100_000);
            pieces.add(piece.put(all, i * 100_000, 100_000).flip());
        }
        ends.a().write(pieces, (a, error) -> a.close());
        Received received = receive(ends.b());
        run();
        assertArrayEquals(all, received.bytes());
    }

    @Test
    void positionAndLimitAreNeverMoved() throws Exception {
        Ends ends = ends();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int length : new int[] {0, 5, 5_000, 100_000}) {
            buffers.add(ByteBuffer.allocate(length + 10).position(3).limit(length + 3));
            buffers.add(ByteBuffer.allocateDirect(length + 10).position(3).limit(length + 3));
        }
        List<String> before = buffers.stream().map(ByteBuffer::toString).toList();
        buffers.forEach(buffer -> ends.a().write(buffer, logs("written")));
        ends.a().write(buffers, (a, error) -> a.close());
        Received received = receive(ends.b());
        assertEquals(before, buffers.stream().map(ByteBuffer::toString).toList(), "while it is queued");
        run();
        assertEquals(before, buffers.stream().map(ByteBuffer::toString).toList(), "when it is written");
        assertEquals(2 * 2 * (5 + 5_000 + 100_000), received.size());
    }

    @Test
    void aBufferMayBeUsedAgainInItsCallback() throws Exception {
        Ends ends = ends();
        ByteBuffer one = ByteBuffer.allocateDirect(50_000);
        StringBuilder sent = new StringBuilder();
        StreamCallback<Pipe> again = new StreamCallback<>() {
            private char next = 'a';

            @Override
            public void call(Pipe a, PanpipeException error) {
                if (next > 'j') {
                    a.close();
                    return;
                }
                String content = String.valueOf(next++).repeat(one.capacity());
                sent.append(content);
                one.put(0, bytes(content));
                a.write(one, this);
            }
        };
        ends.a().write(new byte[0], again);
        Received received = receive(ends.b());
        run();
        assertEquals(sent.toString(), received.text());
    }

    @Test
    void whatCallbacksWriteGoesBehindWhatIsQueued() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("1"), (a, error) -> a.write(bytes("4"), (pipe, e) -> pipe.close()));
        ends.a().write(bytes("2"));
        ends.a().write(bytes("3"));
        Received received = receive(ends.b());
        run();
        assertEquals("1234", received.text());
    }

    @Test
    void manyBytesArriveUnchanged() throws Exception {
        Ends ends = ends();
        byte[] piece = pattern(1 << 20);
        long[] sent = new long[1];
        long[] received = new long[1];
        StreamCallback<Pipe> more = new StreamCallback<>() {
            @Override
            public void call(Pipe a, PanpipeException error) throws PanpipeException {
                throwIfAny(error);
                if (sent[0] >= kernel.manyBytes()) {
                    a.close();
                    return;
                }
                sent[0] += piece.length;
                a.write(piece, this);
            }
        };
        ends.a().write(new byte[0], more);
        ends.b().startRead((b, data, error) -> {
            if (data == null) {
                b.close();
                return;
            }
            for (int at = data.position(); at < data.limit(); at += 997) {
                assertEquals(patternAt((received[0] + at) % piece.length), data.get(at));
            }
            received[0] += data.remaining();
        });
        run();
        assertEquals(sent[0], received[0]);
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void writeAfterShutdownFailsWithEpipe() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().write(bytes("before"), logs("before"));
        ends.a().shutdown(logs("shutdown"));
        ends.a().write(bytes("after"), logs("after"));
        ends.a().write(List.of(ByteBuffer.wrap(bytes("list"))), logs("list"));
        settle();
        assertEquals(List.of(), log, "it is told behind the requests before it");
        receive(ends.b());
        runUntil(() -> log.size() == 4);
        assertEquals(List.of("before", "shutdown", "after EPIPE", "list EPIPE"), log);
    }

    @Test
    void writeToAPeerThatIsGoneFailsWithEpipe() throws Exception {
        Ends ends = connected();
        ends.b().close();
        ends.a().write(bytes("1"), logs("first"));
        ends.a().write(new byte[100_000], logs("second"));
        run(RunMode.NOWAIT);
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("first EPIPE", "second EPIPE"), log);
        ends.a().write(bytes("3"), logs("third"));
        runUntil(() -> log.size() == 3);
        assertEquals("third EPIPE", log.getLast(), "it fails again and again");
    }

    @Test
    void queuedWritesFailInOrderWhenThePeerGoes() throws Exception {
        Ends ends = ends();
        block(ends.a());
        for (int i = 0; i < 3; i++) {
            ends.a().write(new byte[100_000], logs("write " + i));
        }
        ends.b().close();
        runUntil(() -> log.size() == 3);
        for (int i = 0; i < 3; i++) {
            assertTrue(log.get(i).matches("write " + i + " (EPIPE|ECONNRESET)"), log::toString);
        }
        assertEquals(0, ends.a().writeQueueSize());
    }

    @Test
    void failureOfAWriteWithoutCallbackReachesTheHandler() throws Exception {
        Ends ends = ends();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(((PanpipeException) thrown).code().name()));
        ends.b().close();
        ends.a().write(bytes("x"));
        settle();
        assertEquals(List.of("EPIPE"), log);
    }

    @Test
    void cancelOfAWriteWithoutCallbackReachesNobody() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().write(new byte[100_000]);
        ends.close();
        run();
        assertEquals(List.of(), uncaught);
    }

    @Test
    void whatACallbackThrowsDoesNotStopTheOthers() throws Exception {
        Ends ends = ends();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        ends.a().write(bytes("1"), (a, error) -> {
            throw new Exception("thrown by a callback");
        });
        ends.a().write(bytes("2"), logs("second"));
        run();
        assertEquals(List.of("thrown by a callback", "second"), log);
    }

    @Test
    void writeNeedsAConnection() throws Exception {
        Pipe fresh = pipe();
        assertThrows(IllegalStateException.class, () -> fresh.write(bytes("x"), logs("written")));
        assertThrows(IllegalStateException.class, () -> fresh.tryWrite(bytes("x")));
        fresh.bind(kernel.freshName());
        assertThrows(IllegalStateException.class, () -> fresh.write(bytes("x"), logs("written")));
        fresh.close();
        assertThrows(IllegalStateException.class, () -> fresh.write(bytes("x"), logs("written")));
        run();
        assertEquals(List.of(), log);
    }

    @Test
    void nullIsRefusedAtOnce() throws Exception {
        Ends ends = ends();
        assertThrows(NullPointerException.class, () -> ends.a().write((ByteBuffer) null, logs("written")));
        assertThrows(NullPointerException.class, () -> ends.a().write((byte[]) null, logs("written")));
        assertThrows(NullPointerException.class, () -> ends.a().write(bytes("x"), null));
        List<ByteBuffer> withNull = new ArrayList<>();
        withNull.add(ByteBuffer.allocate(4));
        withNull.add(null);
        assertThrows(NullPointerException.class, () -> ends.a().write(withNull, logs("written")));
        assertEquals(0, ends.a().writeQueueSize(), "nothing of it is queued");
    }

    @Test
    void echoedReadBufferArrivesUnchanged() throws Exception {
        Ends ends = ends();
        byte[] sent = pattern(700_001);
        ends.b().startRead((b, data, error) -> {
            if (data != null) {
                b.write(data);
            } else {
                b.shutdown((ended, none) -> ended.close());
            }
        });
        ends.a().write(sent);
        Received back = finishAndReceive(ends.a(), sent.length);
        run();
        assertArrayEquals(sent, back.bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"as it is", "slice", "duplicate", "read-only", "list"})
    void readBufferMayBeQueuedBehindABlockedWrite(String form) throws Exception {
        Ends ends = ends();
        Ends source = ends();
        long blocked = block(ends.a());
        byte[] sent = pattern(300_000);
        source.b().startRead((b, data, error) -> {
            if (data == null) {
                finishWriting(ends.a());
                b.close();
                return;
            }
            // The loop reads the next piece into the same memory while this one is still queued.
            switch (form) {
                case "slice" -> ends.a().write(data.slice());
                case "duplicate" -> ends.a().write(data.duplicate());
                case "read-only" -> ends.a().write(data.asReadOnlyBuffer());
                case "list" -> ends.a().write(List.of(data, ByteBuffer.allocate(0)), (a, e) -> {});
                default -> ends.a().write(data);
            }
        });
        source.a().write(sent, (a, error) -> a.close());
        runUntil(() -> source.b().closed());
        Received received = receive(ends.b());
        runUntil(() -> received.end() != null);
        byte[] all = received.bytes();
        assertEquals(blocked + sent.length, all.length);
        assertArrayEquals(sent, Arrays.copyOfRange(all, (int) blocked, all.length));
    }

    @Test
    void writesInsideOneCallbackAreCalledBackInOrderAcrossPipes() throws Exception {
        Ends one = ends();
        Ends two = ends();
        for (int i = 0; i < 3; i++) {
            one.a().write(bytes("x"), logs("one " + i));
            two.a().write(bytes("x"), logs("two " + i));
        }
        run();
        assertEquals(List.of("one 0", "one 1", "one 2"), log.stream().filter(e -> e.startsWith("one")).toList());
        assertEquals(List.of("two 0", "two 1", "two 2"), log.stream().filter(e -> e.startsWith("two")).toList());
        assertFalse(one.a().active(), "nothing is pending any more");
    }
}
