/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.HandleCallback;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.ReadCallback;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import io.panpipe.Timer;
import java.io.IOException;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What reading does: data, the end, errors, and what a read callback may do. */
public abstract class ReadContract extends Contract {

    @Test
    void dataComesThenTheEndOnce() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("hello"), (a, error) -> a.close());
        Received received = receiveOnly(ends.b());
        run();
        assertEquals("hello", received.text());
        assertEquals(ErrorCode.EOF, received.end());
        int calls = received.calls();
        settle();
        assertEquals(calls, received.calls(), "the end comes once");
        assertFalse(ends.b().active(), "reading has stopped");
    }

    @Test
    void startReadNeverCallsBackInside() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("x"), (a, error) -> a.close());
        run();
        Received received = receiveOnly(ends.b());
        assertEquals(0, received.calls());
        run();
        assertEquals("x", received.text());
    }

    @Test
    void theEndHasNoDataAndSaysEof() throws Exception {
        Ends ends = ends();
        ends.a().close();
        ends.b().startRead((b, data, error) -> {
            assertNull(data);
            log.add(error.code() + " " + error.getMessage());
        });
        run();
        assertEquals(List.of("EOF read: end of file (EOF)"), log);
    }

    @Test
    void readingMayBeStartedAgainAfterTheEnd() throws Exception {
        Ends ends = ends();
        ends.a().close();
        ReadCallback<Pipe> second = (b, data, error) -> log.add("second " + error.code());
        ends.b().startRead((b, data, error) -> {
            log.add("first " + error.code());
            b.startRead(second);
        });
        run();
        assertEquals(List.of("first EOF", "second EOF"), log);
    }

    @Test
    void stopReadInsideTheCallbackHoldsTheRestBack() throws Exception {
        Ends ends = ends();
        byte[] sent = pattern(200_000);
        ends.a().write(sent, (a, error) -> a.close());
        List<Integer> sizes = new ArrayList<>();
        ReadCallback<Pipe> once = (b, data, error) -> {
            sizes.add(data.remaining());
            b.stopRead();
        };
        ends.b().startRead(once);
        runUntil(() -> sizes.size() == 1);
        settle();
        assertEquals(1, sizes.size(), "no call after stopRead");
        Received rest = receive(ends.b());
        run();
        int first = sizes.getFirst();
        assertArrayEquals(Arrays.copyOfRange(sent, first, sent.length), rest.bytes());
    }

    @Test
    void stopReadIsIdempotentAndDataWaits() throws Exception {
        Ends ends = ends();
        ends.b().stopRead();
        Received never = receiveOnly(ends.b());
        ends.b().stopRead();
        ends.b().stopRead();
        ends.a().write(bytes("waits"), (a, error) -> a.close());
        run();
        assertEquals(0, never.calls());
        Received later = receive(ends.b());
        run();
        assertEquals("waits", later.text());
        ends.b().stopRead();
    }

    @Test
    void readingTwiceIsRefused() throws Exception {
        Ends ends = ends();
        receiveOnly(ends.b());
        assertThrows(IllegalStateException.class, () -> receiveOnly(ends.b()));
    }

    @Test
    void readingNeedsAConnection() throws Exception {
        Pipe fresh = pipe();
        assertThrows(IllegalStateException.class, () -> receiveOnly(fresh));
        fresh.bind(kernel.freshName());
        assertThrows(IllegalStateException.class, () -> receiveOnly(fresh));
        fresh.listen(logs("connection"));
        assertThrows(IllegalStateException.class, () -> receiveOnly(fresh));
        fresh.close();
        assertThrows(IllegalStateException.class, () -> receiveOnly(fresh));
    }

    @Test
    void anotherCallbackMayTakeOverInsideTheFirst() throws Exception {
        Ends ends = ends();
        byte[] sent = pattern(300_000);
        ends.a().write(sent, (a, error) -> a.close());
        Received rest = new Received(true);
        int[] first = new int[1];
        ends.b().startRead((b, data, error) -> {
            first[0] += data.remaining();
            b.stopRead();
            b.startRead(rest);
        });
        run();
        assertEquals(sent.length, first[0] + rest.size());
        assertArrayEquals(Arrays.copyOfRange(sent, first[0], sent.length), rest.bytes());
    }

    @Test
    void whatACallbackDoesToItsBufferDoesNotMatterToTheNext() throws Exception {
        Ends ends = ends();
        byte[] sent = pattern(150_000);
        int[] seen = new int[1];
        ends.a().write(sent, (a, error) -> a.close());
        ends.b().startRead((b, data, error) -> {
            if (data == null) {
                b.close();
                return;
            }
            assertEquals(ByteOrder.BIG_ENDIAN, data.order());
            assertTrue(data.remaining() <= 64 * 1024);
            for (int i = data.position(); i < data.limit(); i++) {
                assertEquals(sent[seen[0]++], data.get(i));
            }
            data.clear().position(7).limit(9).order(ByteOrder.LITTLE_ENDIAN);
            data.mark();
        });
        run();
        assertEquals(sent.length, seen[0]);
    }

    @Test
    @Needs(Trait.RESET)
    void aPeerThatClosesWithUnreadInputIsDataThenEconnreset() throws Exception {
        Ends ends = connected();
        ends.b().write(bytes("never read"));
        settle();
        ends.a().write(bytes("last words"), (a, error) -> a.close());
        runUntil(() -> ends.a().closed());
        Received received = receiveOnly(ends.b());
        run();
        assertEquals("last words", received.text());
        assertEquals(ErrorCode.ECONNRESET, received.end());
        assertFalse(ends.b().readable(), "a failed read ends it");
        assertFalse(ends.b().active());
    }

    @Test
    @Lacks(Trait.RESET)
    void aPeerThatClosesWithUnreadInputIsDataThenTheEnd() throws Exception {
        Ends ends = connected();
        ends.b().write(bytes("never read"));
        settle();
        ends.a().write(bytes("last words"), (a, error) -> a.close());
        runUntil(() -> ends.a().closed());
        Received received = receiveOnly(ends.b());
        run();
        assertEquals("last words", received.text());
        assertEquals(ErrorCode.EOF, received.end());
    }

    @Test
    void readableStaysTrueAfterTheEnd() throws Exception {
        Ends ends = ends();
        assertTrue(ends.b().readable());
        finishWriting(ends.a());
        Received received = receiveOnly(ends.b());
        runUntil(() -> received.end() != null);
        assertTrue(ends.b().readable());
        assertTrue(ends.b().writable());
        ends.b().close();
        assertFalse(ends.b().readable());
        assertFalse(ends.b().writable());
    }

    @Test
    void closeInsideTheReadCallbackEndsTheCalls() throws Exception {
        Ends ends = ends();
        ends.a().write(new byte[300_000], logs("written"));
        ends.b().startRead((b, data, error) -> {
            log.add("data");
            b.close(notes("closed"));
        });
        runUntil(() -> log.contains("closed") && log.size() == 3);
        settle();
        assertEquals("data", log.getFirst());
        assertEquals(1, log.stream().filter("data"::equals).count());
    }

    @RepeatedTest(5)
    void aHandleClosedByAnotherOfTheSameBatchIsNotCalled() throws Exception {
        Ends one = ends();
        Ends two = ends();
        one.a().write(bytes("x"));
        two.a().write(bytes("x"));
        settle();
        one.b().startRead((b, data, error) -> {
            log.add("read");
            two.b().close();
            two.a().close();
            b.stopRead();
        });
        two.b().startRead((b, data, error) -> {
            log.add("read");
            one.b().close();
            one.a().close();
            b.stopRead();
        });
        run();
        assertEquals(List.of("read"), log);
    }

    @RepeatedTest(5)
    void readingStoppedByAnotherOfTheSameBatchIsNotCalled() throws Exception {
        Ends one = ends();
        Ends two = ends();
        one.a().write(bytes("x"));
        two.a().write(bytes("x"));
        settle();
        one.b().startRead((b, data, error) -> {
            log.add("read");
            b.stopRead();
            two.b().stopRead();
        });
        two.b().startRead((b, data, error) -> {
            log.add("read");
            b.stopRead();
            one.b().stopRead();
        });
        run();
        assertEquals(List.of("read"), log);
    }

    @RepeatedTest(5)
    void aDescriptorNumberUsedAgainInTheSameBatchGetsNoOldEvent() throws Exception {
        Ends one = ends();
        Ends two = ends();
        one.a().write(bytes("x"));
        two.a().write(bytes("x"));
        settle();
        one.b().startRead((b, data, error) -> replace(b, two));
        two.b().startRead((b, data, error) -> replace(b, one));
        run(RunMode.NOWAIT);
        settle();
        assertEquals(List.of("replaced"), log);
    }

    /** Closes a pair whose event is still to come, and makes another one, which the system gives the same numbers. */
    private void replace(Pipe reader, Ends old) throws PanpipeException {
        log.add("replaced");
        reader.stopRead();
        old.close();
        Ends fresh = ends();
        fresh.a().startRead((pipe, data, error) -> log.add("event of another"));
        fresh.b().startRead((pipe, data, error) -> log.add("event of another"));
    }

    @Test
    void anEndlessStreamHoldsNobodyUp() throws Exception {
        Ends ends = ends();
        byte[] piece = new byte[256 * 1024];
        StreamCallback<Pipe> forever = new StreamCallback<>() {
            @Override
            public void call(Pipe a, PanpipeException error) {
                if (error == null && !a.closed()) {
                    a.write(piece, this);
                }
            }
        };
        forever.call(ends.a(), null);
        forever.call(ends.a(), null);
        ends.b().startRead((b, data, error) -> {});
        Timer timer = new Timer(loop);
        HandleCallback<Timer> again = new HandleCallback<>() {
            @Override
            public void call(Timer itself) {
                log.add("timer");
                if (log.size() < 10) {
                    itself.start(this, Duration.ZERO);
                } else {
                    ends.close();
                }
            }
        };
        timer.start(again, Duration.ZERO);
        run();
        assertEquals(10, log.size());
    }

    @Test
    void aStreamThatIsAlwaysReadableIsReadBitByBit() throws Exception {
        Ends ends = ends();
        ends.a().write(new byte[128 * 1024]);
        long before = loop.metrics().iterations();
        int[] received = new int[1];
        ends.b().startRead((b, data, error) -> {
            received[0] += data.remaining();
            if (received[0] < 16 << 20) {
                ends.a().write(new byte[data.remaining()]); // It leaves as this returns: there is always more.
            } else {
                ends.close();
            }
        });
        run();
        long turns = loop.metrics().iterations() - before;
        assertTrue(turns >= 5, () -> "16 MiB in " + turns + " turns: others had to wait");
    }

    @Test
    void whatAReadCallbackThrowsDoesNotEndTheReading() throws Exception {
        Ends ends = ends();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        ends.b().startRead((b, data, error) -> {
            if (data == null) {
                b.close();
            }
            throw new IOException(data == null ? "at the end" : "at data");
        });
        ends.a().write(bytes("x"), (a, error) -> a.close());
        run();
        assertEquals(List.of("at data", "at the end"), log);
    }

    @Test
    void readingBothEndsOfManyPipesKeepsStreamsApart() throws Exception {
        List<Received> received = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Ends ends = ends();
            ends.a().write(bytes("a" + i));
            ends.b().write(bytes("b" + i));
            if (kernel.has(Trait.HALF_CLOSE)) {
                ends.a().shutdown();
                ends.b().shutdown();
            }
            received.add(receiveOnly(ends.a()));
            received.add(receiveOnly(ends.b()));
        }
        runUntil(() -> received.stream().allMatch(one -> one.size() >= 2));
        if (kernel.has(Trait.HALF_CLOSE)) {
            run();
        }
        for (int i = 0; i < 50; i++) {
            assertEquals("b" + i, received.get(2 * i).text());
            assertEquals("a" + i, received.get(2 * i + 1).text());
        }
    }
}
