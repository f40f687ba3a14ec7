/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.testbed.ScenarioJvm;
import io.panpipe.testbed.SeededRuns;
import io.panpipe.testbed.WatchdogLimit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Pipes at whose other end somebody sends whatever the kernel takes: every byte comes, every descriptor comes once or
 * is reported as lost, nothing stays open, no loop spins or goes on.
 */
@Isolated("It looks for descriptors that are left open, and silences the log.")
@EnabledOnOs(OS.LINUX)
class StrangersTest {

    /** A child has a minute and a half. */
    private static final long SEEDS_OF_A_CHILD = 250;

    @Test
    void whatAStrangerSendsComesOnceAndNothingIsLeft() {
        inThisProcess(150);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    void whatAStrangerSendsComesOnceAndNothingIsLeftManyTimes() {
        inThisProcess(12_000);
    }

    private static void inThisProcess(int seeds) {
        SeededRuns.of(StrangersTest.class, "whatAStrangerSendsComesOnceAndNothingIsLeft", seeds,
                random -> Encounter.run(random, false));
    }

    @Test
    void whatCannotBeReceivedForWantOfDescriptorsIsReported() throws Exception {
        inChildren(100);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    void whatCannotBeReceivedForWantOfDescriptorsIsReportedManyTimes() throws Exception {
        inChildren(6_000);
    }

    /** In processes of their own, since all that a process has suffers from a limit. */
    private static void inChildren(int seeds) throws Exception {
        long first = SeededRuns.seeds(seeds).min().orElseThrow();
        long last = SeededRuns.seeds(seeds).max().orElseThrow();
        for (long from = first; from <= last; from += SEEDS_OF_A_CHILD) {
            String to = String.valueOf(Math.min(last, from + SEEDS_OF_A_CHILD - 1));
            try (ScenarioJvm child = Scenario.shared("", Encounter.class)) {
                assertEquals("", child.run("withShortage", String.valueOf(from), to));
            } catch (AssertionError failure) {
                throw new AssertionError(failure.getMessage() + "\nagain with: mvn test "
                        + "-Dtest='StrangersTest#whatCannotBeReceivedForWantOfDescriptorsIsReported' -Dpanpipe.seed=N, "
                        + "N being the seed above", failure);
            }
        }
    }
}
