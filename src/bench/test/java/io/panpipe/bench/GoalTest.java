/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What measurements say of a goal. */
class GoalTest {

    private static Optional<Goal.Verdict> verdict(double limit, double... values) {
        return new Goal("", limit, "%.2f", Optional.of(Estimate.of(values))).verdict();
    }

    @Test
    void aGoalIsMetIfTheWholeIntervalIsWithinIt() {
        assertEquals(Optional.of(Goal.Verdict.MET), verdict(6, 1, 2, 3, 4, 5, 6));
    }

    @Test
    void aGoalIsMissedIfTheWholeIntervalIsBeyondIt() {
        assertEquals(Optional.of(Goal.Verdict.MISSED), verdict(0.99, 1, 2, 3, 4, 5, 6));
    }

    @Test
    void aGoalInsideOfTheIntervalIsUndecidedWhereverTheMedianIs() {
        assertEquals(Optional.of(Goal.Verdict.UNDECIDED), verdict(5.9, 1, 2, 3, 4, 5, 6));
        assertEquals(Optional.of(Goal.Verdict.UNDECIDED), verdict(1, 1, 2, 3, 4, 5, 6));
    }

    @Test
    void aRangeDecidesNothing() {
        assertEquals(Optional.of(Goal.Verdict.UNDECIDED), verdict(10, 1, 2, 3, 4, 5));
        assertEquals(Optional.of(Goal.Verdict.UNDECIDED), verdict(0.5, 1));
    }

    @Test
    void whatWasNotMeasuredIsLeftOutOfTheTableAndNamed() {
        Data data = new Data();
        for (int round = 0; round < 9; round++) {
            data.add(Section.WORKS, "sink", "floor", round, Metric.CPU, 100 + round);
            data.add(Section.WORKS, "sink", "panpipe", round, Metric.CPU, 90 + round);
        }
        String goals = Tables.goals(data);
        assertTrue(goals.contains("| sink: processor time of panpipe to floor | 1.00 | 0.90 | 0.90–0.91 | met |"), goals);
        assertFalse(goals.contains("| idle"), goals);
        assertTrue(goals.contains("Not measured: echo64: "), goals);
    }

    @Test
    void memoryThatConnectionsGiveBackIsNoMeasurement() {
        Data data = new Data();
        for (int round = 0; round < 6; round++) {
            data.add(Section.MEMORY, IdleMemory.SUBJECT, "panpipe", round, Metric.RESIDENT, round == 3 ? -695 : 250);
        }
        assertFalse(Tables.goals(data).contains("| resident memory"));
        assertTrue(Tables.memory(data).contains("| panpipe | unmeasurable |"), Tables.memory(data));
    }
}
