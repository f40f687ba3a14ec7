/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which seeds are run, and what is told of the one that fails. */
@Tag("simulated")
class SimulationTest {

    @Test
    void seedsAreTriedUntilOneFails() {
        List<Long> tried = new ArrayList<>();
        AssertionError failure = assertThrows(AssertionError.class, () -> Simulation.run(1000, kernel -> {
            tried.add(kernel.seed());
            kernel.note("in the trace");
            if (kernel.seed() == 5) {
                throw new IllegalStateException("found");
            }
        }));
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L), tried);
        assertTrue(failure.getMessage().contains("-Dpanpipe.seed=5, or PANPIPE_SEED=5"), failure::getMessage);
        assertTrue(failure.getMessage().contains("in the trace"), failure::getMessage);
        assertEquals("found", failure.getCause().getMessage());
    }

    @Test
    void theTraceOfAFailureEndsBeforeWhatIsLeftIsClosed() {
        AssertionError failure = assertThrows(AssertionError.class, () -> Simulation.runOne(1, kernel -> {
            Pipe.pair(kernel.loop());
            kernel.note("the last word");
            throw new IllegalStateException("found");
        }));
        String told = failure.getMessage().strip();
        assertTrue(told.endsWith("the last word"), told);
    }

    @Test
    void theEnvironmentSaysWhichWhereNothingElseDoes() {
        Map<String, String> none = Map.of();
        Map<String, String> one = Map.of("PANPIPE_SEED", "7");
        assertArrayEquals(new long[] {1, 2, 3}, asked(none, none));
        assertArrayEquals(new long[] {1, 2, 3}, asked(none, Map.of("PANPIPE_SEED", "", "PANPIPE_SEEDS", "")));
        assertArrayEquals(new long[] {7}, asked(none, one));
        assertArrayEquals(new long[] {5, 6}, asked(none, Map.of("PANPIPE_SEEDS", "5-6")));
        assertArrayEquals(new long[] {9}, asked(Map.of("panpipe.seed", "9"), one));
        assertArrayEquals(new long[] {1, 2}, asked(Map.of("panpipe.seeds", "2"), one));
        assertThrows(IllegalArgumentException.class, () -> asked(none, Map.of("PANPIPE_SEED", "many")));
    }

    private static long[] asked(Map<String, String> settings, Map<String, String> environment) {
        return Simulation.asked(3, settings::get, environment::get).toArray();
    }

    @Test
    void propertiesSayWhichSeedsAreTried() {
        assertArrayEquals(new long[] {1, 2, 3}, Simulation.seeds(3, null, null).toArray());
        assertArrayEquals(new long[] {1, 2}, Simulation.seeds(3, null, "2").toArray());
        assertArrayEquals(new long[] {7, 8}, Simulation.seeds(3, null, "7-8").toArray());
        assertArrayEquals(new long[] {-9}, Simulation.seeds(3, "-9", "2").toArray());
        assertThrows(IllegalArgumentException.class, () -> Simulation.seeds(0, null, null));
        for (String wrong : List.of("0", "many", "", "5-4", "1-")) {
            assertThrows(IllegalArgumentException.class, () -> Simulation.seeds(3, null, wrong), wrong);
        }
        for (String wrong : List.of("12x", "", "1-2")) {
            assertThrows(IllegalArgumentException.class, () -> Simulation.seeds(3, wrong, null), wrong);
        }
    }
}
