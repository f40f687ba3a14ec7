/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.util.Random;
import java.util.stream.LongStream;

/**
 * Runs a test once for each seed, and says of the first that fails which it was and how to run it again. The seeds are
 * from 1 on, or what the properties of the simulated machine say: {@code -Dpanpipe.seed=N} for one, {@code
 * -Dpanpipe.seeds=N} or {@code N-M} for others.
 */
public final class SeededRuns {

    /** What is run with each seed. */
    @FunctionalInterface
    public interface Run {

        /** Runs with numbers that are the same whenever the seed is. */
        void run(Random random) throws Exception;
    }

    private SeededRuns() {}

    /** Returns the seeds to run, where no property says another thing. */
    public static LongStream seeds(int seeds) {
        String only = System.getProperty("panpipe.seed");
        String asked = System.getProperty("panpipe.seeds", "1-" + seeds);
        String[] ends = only != null ? new String[] {only, only} : ("1-" + asked).split("-");
        return LongStream.rangeClosed(Long.decode(ends[ends.length - 2]), Long.decode(ends[ends.length - 1]));
    }

    /**
     * Runs with some number of seeds.
     *
     * @param test the class, and {@code method} its method, that run one of these seeds again
     */
    public static void of(Class<?> test, String method, int seeds, Run run) {
        seeds(seeds).forEach(seed -> {
            try {
                // Neighbours make much the same first numbers, so each is spread over the whole range.
                run.run(new Random(seed * 0x9E3779B97F4A7C15L));
            } catch (Throwable failure) {
                throw failed(test, method, seed, failure);
            }
        });
    }

    /** Makes the error that says how to run a seed again. */
    public static AssertionError failed(Class<?> test, String method, long seed, Throwable failure) {
        return new AssertionError("seed " + seed + ": " + failure + "\nagain with: mvn test -Dtest='" + test.getSimpleName()
                + "#" + method + "' -Dpanpipe.seed=" + seed, failure);
    }
}
