/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Noticing that a stream moves no bytes. */
public abstract class IdleTimeoutContract extends Contract {

    private static final Duration IDLE = Duration.ofMillis(30);

    private void after(long millis, Runnable action) {
        new Timer(loop).start(timer -> {
            action.run();
            timer.close();
        }, Duration.ofMillis(millis));
    }

    @Test
    void anIdleStreamIsToldOnceAndNotBeforeItsTime() throws Exception {
        Ends ends = ends();
        long begin = kernel.kernel().nanoTime();
        ends.a().idleTimeout(IDLE, a -> {
            log.add("idle");
            assertTrue(kernel.kernel().nanoTime() - begin >= IDLE.toNanos());
        });
        after(100, () -> log.add("later"));
        run();
        assertEquals(List.of("idle", "later"), log);
    }

    @Test
    void bytesThatMoveOutsideOfARunCountByTheClock() throws Exception {
        AtomicLong passed = new AtomicLong();
        try (Loop watched = KernelAccess.loop(ClockAhead.of(kernel.kernel(), passed, new ArrayList<>()))) {
            Pipe[] pair = Pipe.pair(watched);
            pair[0].idleTimeout(Duration.ofHours(3), notes("idle"));
            receive(pair[1]);
            passed.set(Duration.ofHours(2).toNanos());
            pair[0].tryWrite(bytes("x"));
            passed.set(Duration.ofHours(4).toNanos());
            watched.run(RunMode.NOWAIT);
            assertEquals(List.of(), log, "two hours after the bytes have moved");
            passed.set(Duration.ofHours(6).toNanos());
            watched.run(RunMode.NOWAIT);
            assertEquals(List.of("idle"), log);
        }
    }

    @Test
    void itIsToldAgainOnlyAfterBytesHaveMoved() throws Exception {
        Ends ends = ends();
        ends.b().idleTimeout(IDLE, b -> {
            log.add("idle");
            if (log.size() > 1) {
                ends.close();
            } else {
                after(100, () -> {
                    log.add("bytes");
                    ends.a().write(bytes("x"));
                });
            }
        });
        Received received = receiveOnly(ends.b());
        run();
        assertEquals(List.of("idle", "bytes", "idle"), log);
        assertEquals("x", received.text());
    }

    @Test
    void readingPutsItOff() throws Exception {
        Ends ends = ends();
        long[] last = {loop.now()};
        ends.b().startRead((b, data, error) -> last[0] = loop.now());
        ends.b().idleTimeout(IDLE, b -> {
            log.add("idle");
            long quiet = loop.now() - last[0];
            assertTrue(quiet >= IDLE.toMillis() - 1, () -> quiet + " ms");
            ends.close();
        });
        int[] left = {10};
        new Timer(loop).start(timer -> {
            if (--left[0] == 0 || ends.a().closed()) {
                timer.close();
            } else {
                ends.a().write(bytes("x"), (a, error) -> {});
            }
        }, Duration.ofMillis(5), Duration.ofMillis(10));
        run();
        assertEquals(List.of("idle"), log);
    }

    @Test
    void writingPutsItOff() throws Exception {
        Ends ends = ends();
        receiveOnly(ends.b());
        // When the last write that was told began: the system has taken its byte since, however slow the machine is.
        long[] last = {loop.now()};
        ends.a().idleTimeout(IDLE, a -> {
            log.add("idle");
            long quiet = loop.now() - last[0];
            assertTrue(quiet >= IDLE.toMillis() - 1, () -> "idle " + quiet + " ms after a write");
            ends.close();
        });
        int[] left = {10};
        new Timer(loop).start(timer -> {
            if (--left[0] == 0 || ends.a().closed()) {
                timer.close();
            } else {
                long begin = loop.now();
                ends.a().write(bytes("x"), (a, error) -> last[0] = begin);
            }
        }, Duration.ofMillis(5), Duration.ofMillis(10));
        run();
        assertEquals(List.of("idle"), log);
    }

    @Test
    void tryingToWriteInVainDoesNotPutItOff() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().idleTimeout(IDLE, notes("idle"));
        int[] tries = new int[1];
        Timer again = new Timer(loop);
        again.start(timer -> {
            try {
                ends.a().tryWrite(bytes("x"));
                fail("it is full");
            } catch (PanpipeException full) {
                assertEquals(ErrorCode.EAGAIN, full.code());
            }
            tries[0]++;
        }, Duration.ofMillis(5), Duration.ofMillis(5));
        runUntil(() -> !log.isEmpty() || tries[0] == 200);
        again.close();
        assertEquals(List.of("idle"), log);
    }

    @Test
    void itDoesNotKeepTheLoopAlive() throws Exception {
        Ends ends = ends();
        ends.a().idleTimeout(Duration.ofHours(1), notes("idle"));
        assertFalse(loop.alive());
        assertFalse(run());
    }

    @Test
    void zeroEndsItAndANewOneReplacesIt() throws Exception {
        Ends ends = ends();
        ends.a().idleTimeout(Duration.ofMillis(5), notes("first"));
        ends.a().idleTimeout(Duration.ofMillis(10), notes("second"));
        ends.b().idleTimeout(Duration.ofMillis(5), notes("ended"));
        ends.b().idleTimeout(Duration.ZERO, notes("ended"));
        after(50, () -> {});
        run();
        assertEquals(List.of("second"), log);
    }

    @Test
    void aClosedStreamIsNotTold() throws Exception {
        Ends ends = ends();
        ends.a().idleTimeout(Duration.ofMillis(5), notes("idle"));
        ends.a().close();
        after(30, () -> {});
        run();
        assertEquals(List.of(), log);
    }

    @Test
    void theStreamMayBeClosedInTheCallback() throws Exception {
        Ends ends = ends();
        receive(ends.a());
        ends.a().idleTimeout(Duration.ofMillis(5), a -> a.close(notes("closed")));
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void timesThatMakeNoSenseAreRefused() {
        Pipe pipe = pipe();
        assertThrows(IllegalArgumentException.class, () -> pipe.idleTimeout(Duration.ofMillis(-1), notes("idle")));
        assertThrows(NullPointerException.class, () -> pipe.idleTimeout(Duration.ofMillis(1), null));
        pipe.idleTimeout(Duration.ofNanos(Long.MAX_VALUE), notes("idle"));
    }
}
