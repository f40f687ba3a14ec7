/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Handle;
import io.panpipe.HandleCallback;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.internal.kernel.Kernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What timers do. */
public abstract class TimerContract extends Contract {

    private Timer timer() {
        return new Timer(loop);
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    @Test
    void timersRunInTheOrderOfTheirTimes() {
        timer().start(begin -> {
            for (int millis : new int[] {12, 3, 9, 0, 6}) {
                timer().start(notes(millis + " ms"), millis(millis));
            }
            assertEquals(List.of(), log, "never inside");
        }, Duration.ZERO);
        run();
        assertEquals(List.of("0 ms", "3 ms", "6 ms", "9 ms", "12 ms"), log);
    }

    @Test
    void timersOfTheSameTimeRunInTheOrderOfTheirStarts() {
        List<Integer> order = new ArrayList<>();
        timer().start(first -> {
            // Inside a callback the loop's time stands still, so that these are of the very same time.
            for (int i = 0; i < 1000; i++) {
                int number = i;
                timer().start(timer -> order.add(number), millis(2));
            }
        }, Duration.ZERO);
        run();
        assertEquals(IntStream.range(0, 1000).boxed().toList(), order);
    }

    @Test
    void timersNeverRunEarly() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            long nanos = random.nextInt(30_000_000);
            long start = kernel.kernel().nanoTime();
            timer().start(timer -> {
                long passed = kernel.kernel().nanoTime() - start;
                assertTrue(passed >= nanos, () -> passed + " ns instead of " + nanos);
                log.add("ran");
            }, Duration.ofNanos(nanos));
        }
        run();
        assertEquals(200, log.size());
    }

    @Test
    void aHundredThousandTimersRunInOrder() {
        int count = 100_000;
        Random random = new Random(1);
        long[] last = {0, 0};
        for (int i = 0; i < count; i++) {
            long due = random.nextInt(20_000_000);
            Timer timer = timer();
            timer.start(handle -> last[1]++, Duration.ofNanos(due));
        }
        List<Long> left = new ArrayList<>();
        timer().start(timer -> left.add(last[1]), millis(21));
        run();
        assertEquals(count, last[1]);
        assertEquals(List.of((long) count), left, "the last one came last");
    }

    @Test
    void aCallbackThatWorksLongMakesNoOtherTimerLate() throws Exception {
        AtomicLong worked = new AtomicLong();
        List<Duration> waits = new ArrayList<>();
        try (Loop watched = KernelAccess.loop(watched(worked, waits))) {
            new Timer(watched).start(notes("other"), millis(60));
            new Timer(watched).start(slow -> {
                worked.set(millis(50).toNanos());
                waits.clear();
            }, millis(1));
            watched.run();
        }
        assertEquals(List.of("other"), log);
        // On a slow machine the other one may be due by then, and nothing is waited for.
        assertTrue(waits.isEmpty() || waits.getFirst().compareTo(millis(10)) <= 0, () -> "waits of " + waits);
    }

    @Test
    void outsideOfARunATimerCountsByTheClock() throws Exception {
        AtomicLong passed = new AtomicLong();
        try (Loop watched = KernelAccess.loop(watched(passed, new ArrayList<>()))) {
            Timer timer = new Timer(watched);
            timer.start(notes("timer"), Duration.ofHours(2));
            passed.set(Duration.ofHours(1).toNanos());
            assertTrue(timer.dueIn().compareTo(Duration.ofHours(1)) <= 0, () -> timer.dueIn().toString());
        }
    }

    /**
     * The kernel under test, as seen through a clock that can be put forward.
     *
     * @param ahead by how many nanoseconds
     * @param waits told how long loops ask it to wait
     */
    private Kernel watched(AtomicLong ahead, List<Duration> waits) {
        return ClockAhead.of(kernel.kernel(), ahead, waits);
    }

    @Test
    void stoppedTimersDoNotRun() {
        List<Timer> timers = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            int number = i;
            Timer timer = timer();
            timers.add(timer);
            timer.start(handle -> ran.add(number), Duration.ofNanos(i * 1000L));
        }
        List<Integer> shuffled = new ArrayList<>(IntStream.range(0, 2000).boxed().toList());
        Collections.shuffle(shuffled, new Random(3));
        shuffled.subList(0, 1000).forEach(i -> timers.get(i).stop());
        expected.addAll(shuffled.subList(1000, 2000));
        Collections.sort(expected);
        run();
        assertEquals(expected, ran);
    }

    @Test
    void aTimerOfAnotherLengthTakesItsPlaceWhenStartedAnew() {
        Timer moved = timer();
        moved.start(notes("never"), millis(1));
        timer().start(notes("middle"), millis(5));
        moved.start(notes("moved"), millis(10));
        run();
        assertEquals(List.of("middle", "moved"), log);
    }

    @Test
    void aTimerRepeatsUntilItIsStopped() {
        long begin = kernel.kernel().nanoTime();
        timer().start(timer -> {
            log.add("tick");
            long passed = kernel.kernel().nanoTime() - begin;
            assertTrue(passed >= 1_000_000 + 2_000_000L * (log.size() - 1), () -> passed + " ns: " + log);
            if (log.size() == 5) {
                timer.stop();
            }
        }, millis(1), millis(2));
        run();
        assertEquals(5, log.size());
    }

    @Test
    void aTimerMayBeStoppedInItsOwnCallback() {
        timer().start(timer -> {
            log.add("once");
            timer.stop();
        }, Duration.ZERO, millis(1));
        run();
        assertEquals(List.of("once"), log);
    }

    @Test
    void aTimerMayBeClosedInItsOwnCallback() {
        timer().start(timer -> {
            log.add("once");
            timer.close(notes("closed"));
        }, Duration.ZERO, millis(1));
        run();
        assertEquals(List.of("once", "closed"), log);
    }

    @Test
    void aTimerMayBeStartedAnewInItsOwnCallback() {
        timer().start(timer -> {
            log.add("first");
            timer.start(notes("second"), millis(1));
        }, Duration.ZERO, millis(50));
        run();
        assertEquals(List.of("first", "second"), log);
    }

    @Test
    void aTimerMayStopAnotherThatIsDueAtTheSameTime() {
        Timer first = timer();
        Timer second = timer();
        Timer third = timer();
        timer().start(begin -> {
            first.start(timer -> {
                log.add("first");
                second.stop();
                third.close();
            }, millis(1));
            second.start(notes("second"), millis(1));
            third.start(notes("third"), millis(1));
        }, Duration.ZERO);
        run();
        assertEquals(List.of("first"), log);
    }

    @Test
    void aZeroTimeoutRunsInALaterTurn() {
        List<Long> turns = new ArrayList<>();
        HandleCallback<Timer> again = new HandleCallback<>() {
            @Override
            public void call(Timer timer) {
                turns.add(loop.metrics().iterations());
                if (turns.size() < 5) {
                    timer.start(this, Duration.ZERO);
                }
            }
        };
        timer().start(again, Duration.ZERO);
        run();
        for (int i = 1; i < turns.size(); i++) {
            assertTrue(turns.get(i) > turns.get(i - 1), turns::toString);
        }
    }

    @Test
    void againPutsARepeatingTimerOff() {
        Timer putOff = timer();
        long[] last = {0};
        putOff.start(itself -> {
            long passed = loop.now() - last[0];
            assertTrue(passed >= 39, () -> passed + " ms after it was put off");
            log.add("due");
            itself.stop();
        }, millis(40), millis(40));
        int[] left = {20};
        timer().start(tick -> {
            // On a machine so busy that 40 ms pass between two ticks of 5, it has run.
            if (left[0]-- == 0 || !putOff.active()) {
                tick.stop();
            } else {
                last[0] = loop.now();
                putOff.again();
            }
        }, millis(5), millis(5));
        run();
        assertEquals(List.of("due"), log);
    }

    @Test
    void againUsesTheRepeatTime() {
        Timer timer = timer();
        timer.start(itself -> {
            log.add("ran");
            itself.stop();
        }, Duration.ofDays(1), millis(1));
        timer.again();
        run();
        assertEquals(List.of("ran"), log);
    }

    @Test
    void againStopsATimerThatDoesNotRepeat() {
        Timer timer = timer();
        timer.start(notes("ran"), millis(1));
        timer.again();
        assertFalse(timer.active());
        run();
        assertEquals(List.of(), log);
    }

    @Test
    void againOfATimerThatWasNeverStartedIsRefused() {
        assertThrows(IllegalStateException.class, () -> timer().again());
    }

    @Test
    void theRepeatTimeMayBeChanged() {
        Timer timer = timer();
        timer.start(itself -> {
            log.add("ran");
            itself.repeat(Duration.ZERO);
        }, Duration.ZERO, millis(1));
        assertEquals(millis(1), timer.repeat());
        run();
        // Changed in the callback, it holds from the call after the one that is scheduled.
        assertEquals(List.of("ran", "ran"), log);
        assertEquals(Duration.ZERO, timer.repeat());
    }

    @Test
    void dueInTellsTheTimeLeft() {
        Timer timer = timer();
        assertEquals(Duration.ZERO, timer.dueIn());
        timer.start(notes("ran"), Duration.ofHours(1));
        assertTrue(timer.dueIn().compareTo(Duration.ofHours(1)) <= 0);
        assertTrue(timer.dueIn().compareTo(Duration.ofMinutes(50)) > 0);
        timer.start(notes("ran"), millis(1));
        run();
        assertEquals(Duration.ZERO, timer.dueIn());
    }

    @Test
    void timesThatMakeNoSenseAreRefused() {
        Timer timer = timer();
        assertThrows(IllegalArgumentException.class, () -> timer.start(notes("x"), millis(-1)));
        assertThrows(IllegalArgumentException.class, () -> timer.start(notes("x"), millis(1), millis(-1)));
        assertThrows(IllegalArgumentException.class, () -> timer.start(notes("x"), Duration.ofSeconds(Long.MAX_VALUE)));
        assertThrows(IllegalArgumentException.class, () -> timer.repeat(millis(-1)));
        assertThrows(NullPointerException.class, () -> timer.start(null, millis(1)));
        assertFalse(timer.active());
        timer.close();
        assertThrows(IllegalStateException.class, () -> timer.start(notes("x"), millis(1)));
        assertThrows(IllegalStateException.class, timer::again);
        timer.stop();
    }

    @Test
    void aTimeOfCenturiesNeitherOverflowsNorHoldsOthersUp() {
        Timer far = timer();
        far.start(notes("far"), Duration.ofNanos(Long.MAX_VALUE), Duration.ofNanos(Long.MAX_VALUE));
        timer().start(timer -> {
            log.add("near");
            far.close();
        }, millis(1));
        run();
        assertEquals(List.of("near"), log);
    }

    @Test
    void activeWhileItIsStarted() {
        Timer timer = timer();
        assertFalse(timer.active());
        timer.start(itself -> assertFalse(itself.active()), millis(1));
        assertTrue(timer.active());
        run();
        assertFalse(timer.active());
        timer.start(notes("x"), millis(1));
        timer.stop();
        assertFalse(timer.active());
        timer.stop();
    }

    @Test
    void anUnreferencedTimerDoesNotKeepTheLoopAliveButRuns() {
        Timer timer = timer();
        timer.start(notes("unreferenced"), millis(1));
        timer.unref();
        assertFalse(loop.alive());
        timer().start(notes("referenced"), millis(5));
        run();
        assertEquals(List.of("unreferenced", "referenced"), log);
    }

    @Test
    void whatATimerThrowsDoesNotStopTheOthersNorItself() {
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        Timer throwing = timer();
        throwing.start(timer -> {
            throw new Exception("thrown " + log.size());
        }, millis(1), millis(1));
        timer().start(notes("other"), millis(1));
        runUntil(() -> log.size() >= 4);
        assertTrue(log.containsAll(List.of("other", "thrown 0")), log::toString);
        assertTrue(throwing.active());
    }

    @Test
    void timersOfAPastTimeRunInOneTurn() {
        for (int i = 0; i < 10; i++) {
            timer().start(Handle::close, Duration.ofNanos(i));
        }
        runUntil(() -> loop.handles().isEmpty());
        assertFalse(run(RunMode.NOWAIT));
    }
}
