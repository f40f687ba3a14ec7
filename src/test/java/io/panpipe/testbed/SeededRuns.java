/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import io.panpipe.testing.Simulation;
import java.util.Random;

/**
 * Runs a test once for each seed, and says of the first that fails which it was and how to run it again. The seeds are
 * those of {@link Simulation#seeds}: {@code -Dpanpipe.seed=N} for one, {@code -Dpanpipe.seeds=N} for another number.
 */
public final class SeededRuns {

    /** What is run with each seed. */
    @FunctionalInterface
    public interface Run {

        /** Runs with numbers that are the same whenever the seed is. */
        void run(Random random) throws Exception;
    }

    private SeededRuns() {}

    /**
     * Runs with some number of seeds.
     *
     * @param test the class, and {@code method} its method, that run one of these seeds again
     */
    public static void of(Class<?> test, String method, int seeds, Run run) {
        Simulation.seeds(seeds).forEach(seed -> {
            try {
                // Neighbours make much the same first numbers, so each is spread over the whole range.
                run.run(new Random(seed * 0x9E3779B97F4A7C15L));
            } catch (Throwable failure) {
                throw failed(test, method, seed, failure);
            }
        });
    }

    private static AssertionError failed(Class<?> test, String method, long seed, Throwable failure) {
        return new AssertionError("seed " + seed + ": " + failure + "\nagain with: mvn test -Dtest='"
                + test.getSimpleName() + "#" + method + "' -Dpanpipe.seed=" + seed, failure);
    }
}
