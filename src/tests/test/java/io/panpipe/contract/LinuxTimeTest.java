/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Timer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Where real time passes inside callbacks, which a simulated clock does not. */
@EnabledOnOs(OS.LINUX)
class LinuxTimeTest extends Contract implements LinuxContractTest.OnLinux {

    private static void work(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aRepeatingTimerThatIsLateDoesNotCatchUp() {
        List<Long> times = new ArrayList<>();
        new Timer(loop).start(timer -> {
            times.add(loop.now());
            if (times.size() == 1) {
                work(40);
            }
            if (times.size() == 4) {
                timer.close();
            }
        }, Duration.ofMillis(1), Duration.ofMillis(5));
        run();
        for (int i = 2; i < 4; i++) {
            long gap = times.get(i) - times.get(i - 1);
            assertTrue(gap >= 4, () -> "the missed ticks came in a burst: " + times);
        }
    }

    @Test
    void nowStandsStillInsideACallbackUntilUpdated() {
        new Timer(loop).start(timer -> {
            long before = loop.now();
            work(5);
            assertEquals(before, loop.now());
            loop.updateTime();
            assertTrue(loop.now() >= before + 5);
            log.add("checked");
        }, Duration.ZERO);
        run();
        assertEquals(List.of("checked"), log);
    }

    @Test
    void aTimerStartedInsideACallbackCountsFromTheLoopsTime() {
        new Timer(loop).start(timer -> {
            work(20);
            timer.start(notes("timer"), Duration.ofMillis(15));
            assertEquals(Duration.ofMillis(15), timer.dueIn());
            loop.updateTime();
            assertEquals(Duration.ZERO, timer.dueIn(), "its time has come while the callback worked");
            timer.start(notes("timer"), Duration.ofMillis(15));
            assertEquals(Duration.ofMillis(15), timer.dueIn());
        }, Duration.ZERO);
        run();
        assertEquals(List.of("timer"), log);
    }

    @Test
    void aTimeoutSetOutsideOfARunCountsFromTheClock() {
        run();
        work(20);
        long begin = System.nanoTime();
        new Timer(loop).start(timer -> assertTrue(System.nanoTime() - begin >= 15_000_000), Duration.ofMillis(15));
        run();
    }

    @Test
    void aLoopThatWaitsUsesNoProcessorTime() {
        var threads = ManagementFactory.getThreadMXBean();
        // What the first wait does for the first time takes a processor's time as well.
        new Timer(loop).start(timer -> log.add("timer"), Duration.ofMillis(1));
        run();
        new Timer(loop).start(timer -> log.add("timer"), Duration.ofMillis(200));
        long before = threads.getCurrentThreadCpuTime();
        run();
        long used = threads.getCurrentThreadCpuTime() - before;
        assertTrue(used < 50_000_000, () -> used + " ns");
    }
}
