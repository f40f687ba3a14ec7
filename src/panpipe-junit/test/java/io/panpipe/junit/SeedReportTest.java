/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import static io.panpipe.junit.TestRun.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.junit.TestRun.Outcome;
import io.panpipe.testing.SimulatedKernel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which seed it was, of failures that are not those of the test's own method. */
class SeedReportTest {

    static class FailsBefore {

        @BeforeEach
        void begin(SimulatedKernel kernel) {
            assertNotEquals(2, kernel.seed(), "before");
        }

        @SimulatedTest(seeds = 1000)
        void test() {}
    }

    static class FailsAfter {

        @SimulatedTest(seeds = 1000)
        void test() {}

        @AfterEach
        void end(SimulatedKernel kernel) {
            assertNotEquals(2, kernel.seed(), "after");
        }
    }

    static class FailsInTheEnd {

        @SimulatedTest(seeds = 1000)
        void test(Loop loop, SimulatedKernel kernel) {
            if (kernel.seed() == 2) {
                new Pipe(loop).close(closed -> {
                    throw new StackOverflowError("in the end");
                });
            }
        }
    }

    @Test
    void configurationParametersSayWhichSeedsAreRun() {
        List<Outcome> one = run(FailsInTheEnd.class, Map.of("panpipe.seed", "7"));
        assertEquals(List.of("seed 7"), one.stream().map(Outcome::name).toList());
        List<Outcome> some = run(FailsInTheEnd.class, Map.of("panpipe.seeds", "5-6"));
        assertEquals(List.of("seed 5", "seed 6"), some.stream().map(Outcome::name).toList());
    }

    @ParameterizedTest
    @ValueSource(classes = {FailsBefore.class, FailsAfter.class, FailsInTheEnd.class})
    void aSeedThatFailsBesideTheTestItselfIsReportedToo(Class<?> tests) {
        List<Outcome> outcomes = run(tests);
        assertEquals(2, outcomes.size());
        assertTrue(outcomes.getLast().message().contains("-Dpanpipe.seed=2"), outcomes.getLast()::message);
    }
}
