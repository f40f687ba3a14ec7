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

import io.panpipe.ErrorCode;
import io.panpipe.HandleCallback;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a writer sees of a slow reader: the queue, the water marks, and writing without a queue. */
public abstract class BackpressureContract extends Contract {

    @Test
    void aPartlyWrittenQueueGoesOnWhereItStopped() throws Exception {
        Ends ends = ends();
        byte[] data = pattern(5_000_000);
        ends.a().write(data, (a, error) -> a.close());
        settle();
        assertTrue(ends.a().writeQueueSize() > 0, "the pipe is full");
        Received received = receive(ends.b());
        run();
        assertArrayEquals(data, received.bytes());
    }

    @Test
    void writeQueueSizeCountsWhatIsNotTakenYet() throws Exception {
        Ends ends = ends();
        assertEquals(0, ends.a().writeQueueSize());
        block(ends.a());
        long blocked = ends.a().writeQueueSize();
        ends.a().write(new byte[100]);
        ends.a().write(List.of(ByteBuffer.allocate(7), ByteBuffer.allocateDirect(20_000)), (a, error) -> {});
        assertEquals(blocked + 20_107, ends.a().writeQueueSize());
        receive(ends.b());
        runUntil(() -> ends.a().writeQueueSize() == 0);
        assertEquals(0, pipe().writeQueueSize());
    }

    @Test
    void writeQueueSizeGoesBeyondTwoGibibytes() throws Exception {
        Ends ends = ends();
        ByteBuffer data = ByteBuffer.allocateDirect(64 << 20);
        int count = 40;
        for (int i = 0; i < count; i++) {
            ends.a().write(data, logs("write"));
        }
        settle();
        long all = (long) count * data.capacity();
        assertTrue(ends.a().writeQueueSize() > all - data.capacity(), () -> ends.a().writeQueueSize() + " queued");
        assertTrue(ends.a().writeQueueSize() <= all);
        ends.a().close(notes("closed"));
        run();
        assertEquals(count, log.stream().filter("write ECANCELED"::equals).count());
        assertEquals("closed", log.getLast());
    }

    @Test
    void writeSaysWhenItIsEnoughAndDrainWhenItGoesOn() throws Exception {
        Ends ends = ends();
        ends.a().writeWatermarks(1000, 5000);
        long queued = block(ends.a());
        ends.a().onDrain(notes("drain"));
        assertFalse(ends.a().write(new byte[1]), "above the mark");
        settle();
        assertEquals(List.of(), log);
        long[] left = {-1};
        ends.a().onDrain(a -> {
            log.add("drain");
            left[0] = a.writeQueueSize();
        });
        Received received = receiveOnly(ends.b());
        runUntil(() -> !log.isEmpty());
        assertTrue(left[0] <= 1000, () -> left[0] + " left");
        assertTrue(ends.a().write(new byte[1]), "below the mark");
        runUntil(() -> received.size() == queued + 2);
        assertEquals(List.of("drain"), log, "once for each time it was above");
    }

    @Test
    void drainComesAgainAfterEachTimeAboveTheMark() throws Exception {
        Ends ends = ends();
        receiveOnly(ends.b());
        HandleCallback<Pipe> again = new HandleCallback<>() {
            @Override
            public void call(Pipe a) {
                log.add("drain");
                if (log.size() < 5) {
                    assertFalse(a.write(new byte[1 << 20]));
                }
            }
        };
        ends.a().onDrain(again);
        ends.a().write(new byte[1 << 20]);
        assertEquals(List.of(), log, "never inside");
        runUntil(() -> log.size() == 5);
        runUntil(() -> ends.a().writeQueueSize() == 0);
        settle();
        assertEquals(5, log.size());
    }

    @Test
    void drainDoesNotComeBelowTheHighMark() throws Exception {
        Ends ends = ends();
        ends.a().onDrain(notes("drain"));
        ends.a().writeWatermarks(0, 1000);
        assertTrue(ends.a().write(new byte[999], logs("written")));
        runUntil(() -> !log.isEmpty());
        settle();
        assertEquals(List.of("written"), log);
    }

    /** The simulated kernel watches each write with a callback of its own; on others none is there to come first. */
    @Test
    void drainComesThoughNobodyWaitsForTheWrites() throws Exception {
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            Pipe[] pair = Pipe.pair(other);
            pair[0].onDrain(notes("drain"));
            pair[0].writeWatermarks(0, 1000);
            assertFalse(pair[0].write(new byte[8 << 20]));
            Received received = new Received(false);
            pair[1].startRead(received);
            Timer patience = new Timer(other);
            patience.start(timer -> log.add("no drain"), Patience.seconds(20));
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("drain"), log);
            assertEquals(0, pair[0].writeQueueSize());
        }
    }

    @Test
    void drainComesBehindTheWriteCallbacks() throws Exception {
        Ends ends = ends();
        ends.a().onDrain(notes("drain"));
        ends.a().writeWatermarks(0, 1000);
        assertFalse(ends.a().write(new byte[1000], logs("written")));
        runUntil(() -> log.contains("drain"));
        assertEquals(List.of("written", "drain"), log);
    }

    @Test
    void theFirstMarksAre16And64KiB() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().close();
        run();
        Ends fresh = ends();
        if (kernel.has(Trait.BUFFER_SIZES)) {
            fresh.a().sendBufferSize(1);
        }
        assertTrue(fresh.a().write(new byte[64 * 1024 - 1]));
        assertFalse(fresh.a().write(new byte[1]));
    }

    @Test
    void marksThatMakeNoSenseAreRefused() throws Exception {
        Pipe pipe = pipe();
        assertThrows(IllegalArgumentException.class, () -> pipe.writeWatermarks(-1, 10));
        assertThrows(IllegalArgumentException.class, () -> pipe.writeWatermarks(10, 10));
        assertThrows(NullPointerException.class, () -> pipe.onDrain(null));
        pipe.writeWatermarks(0, Long.MAX_VALUE);
    }

    @Test
    void aWriterThatObeysDrainKeepsTheQueueShort() throws Exception {
        Ends ends = ends();
        byte[] piece = pattern(10_000);
        int[] left = {400};
        HandleCallback<Pipe> fill = a -> {
            while (left[0] > 0) {
                left[0]--;
                assertTrue(a.writeQueueSize() < 64 * 1024 + piece.length);
                if (!a.write(piece)) {
                    return;
                }
            }
            finishWriting(a);
        };
        ends.a().onDrain(fill);
        fill.call(ends.a());
        Received received = receive(ends.b());
        run();
        assertEquals(400 * piece.length, received.size());
    }

    // tryWrite.

    @Test
    void tryWriteWritesAtOnceAndQueuesNothing() throws Exception {
        Ends ends = connected();
        ByteBuffer data = ByteBuffer.allocate(20).position(5).limit(10);
        int written = ends.a().tryWrite(data);
        assertTrue(written >= 1 && written <= 5);
        assertEquals(5, data.position(), "positions are never moved");
        assertEquals(10, data.limit());
        Received received = receive(ends.b());
        finishWriting(ends.a());
        runUntil(() -> received.end() != null);
        assertEquals(written, received.size());
    }

    @Test
    void tryWriteWritesAPartOfWhatDoesNotFitAndThenSaysEagain() throws Exception {
        Ends ends = ends();
        ByteBuffer data = ByteBuffer.wrap(pattern(4 << 20));
        long sent = 0;
        try {
            while (sent < data.capacity()) {
                int written = ends.a().tryWrite(data.slice((int) sent, data.capacity() - (int) sent));
                assertTrue(written > 0);
                sent += written;
                run(RunMode.NOWAIT);
            }
        } catch (PanpipeException full) {
            assertEquals(ErrorCode.EAGAIN, full.code());
        }
        assertTrue(sent > 0 && sent < data.capacity());
        settle();
        Received received = receive(ends.b());
        finishWriting(ends.a());
        runUntil(() -> received.end() != null);
        assertArrayEquals(Arrays.copyOf(data.array(), (int) sent), received.bytes(), "as much as it said, no more");
    }

    @Test
    void tryWriteBehindQueuedDataIsEagain() throws Exception {
        Ends ends = ends();
        long queued = block(ends.a());
        assertFails(ErrorCode.EAGAIN, () -> ends.a().tryWrite(bytes("x")));
        Received received = receive(ends.b());
        finishWriting(ends.a());
        runUntil(() -> received.end() != null);
        assertEquals(queued, received.size());
    }

    @Test
    void tryWriteGoesBehindWhatWasWrittenJustBefore() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("first "));
        int written = 0;
        try {
            written = ends.a().tryWrite(bytes("second"));
        } catch (PanpipeException inFlight) {
            assertEquals(ErrorCode.EAGAIN, inFlight.code());
            assertTrue(kernel.writesInFlight(), "the first is sent before it");
        }
        finishWriting(ends.a());
        Received received = receive(ends.b());
        runUntil(() -> received.end() != null);
        assertEquals("first " + "second".substring(0, written), received.text());
    }

    @Test
    void tryWriteOfNothingIsZero() throws Exception {
        Ends ends = ends();
        assertEquals(0, ends.a().tryWrite(new byte[0]));
    }

    @Test
    void tryWriteToAPeerThatIsGoneIsEpipe() throws Exception {
        Ends ends = connected();
        ends.b().close();
        assertFails(ErrorCode.EPIPE, () -> {
            for (int i = 0; i < 100; i++) {
                ends.a().tryWrite(bytes("x"));
                run(RunMode.NOWAIT);
            }
        });
    }

    @Test
    void aWriteBehindATryWriteKeepsTheOrder() throws Exception {
        Ends ends = ends();
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String text = "t" + i + " ";
            try {
                sent.append(text, 0, ends.a().tryWrite(bytes(text)));
            } catch (PanpipeException full) {
                assertEquals(ErrorCode.EAGAIN, full.code());
            }
            ends.a().write(bytes("w" + i + " "));
            sent.append("w").append(i).append(' ');
            if (i % 3 == 0) {
                run(RunMode.NOWAIT);
            }
        }
        finishWriting(ends.a());
        Received received = receive(ends.b());
        runUntil(() -> received.end() != null);
        assertEquals(sent.toString(), received.text());
    }

    @Test
    void whatATryWriteHasInFlightKeepsTheLoopGoing() throws Exception {
        Ends ends = ends();
        int written = 0;
        for (int i = 0; i < 20 && ends.a().writeQueueSize() == 0; i++) {
            written += ends.a().tryWrite(bytes("x"));
        }
        assertEquals(ends.a().writeQueueSize() > 0, loop.alive());
        run();
        assertEquals(0, ends.a().writeQueueSize(), "all has arrived");
        Received received = receive(ends.b(), written);
        runUntil(() -> ends.b().closed());
        assertEquals(written, received.size());
    }
}
