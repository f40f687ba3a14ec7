/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import java.util.Objects;
import java.util.stream.LongStream;

/**
 * Runs a program over many seeds, and says of the first that fails which it was and how to run it again. (With JUnit,
 * the annotation {@code SimulatedTest} does it.)
 *
 * @since 0.1
 */
public final class Simulation {

    private static final int LINES = 200;

    /** A program that needs a machine. */
    @FunctionalInterface
    public interface Program {

        /**
         * Runs on a machine of its own, which is closed afterwards.
         *
         * @param kernel the machine
         * @throws Exception if it fails
         */
        void run(SimulatedKernel kernel) throws Exception;
    }

    private Simulation() {}

    /**
     * Runs a program with the seeds from 1 on, or with what the system properties say: {@code panpipe.seed} for one
     * seed alone, {@code panpipe.seeds} for another number of seeds. After each run {@linkplain
     * SimulatedKernel#checkNothingLeft() nothing may be left}.
     *
     * @param seeds how many, 1 or more
     * @param program what to run
     * @throws AssertionError for the first seed that fails
     */
    public static void run(int seeds, Program program) {
        Objects.requireNonNull(program, "program");
        seeds(seeds).forEach(seed -> runOne(seed, program));
    }

    /**
     * Returns the seeds to run: from 1 on, or what the system properties say, as in {@link #run}.
     *
     * @param seeds how many, 1 or more
     * @return the seeds, in order
     */
    public static LongStream seeds(int seeds) {
        if (seeds < 1) {
            throw new IllegalArgumentException("less than one seed: " + seeds);
        }
        Long only = Long.getLong("panpipe.seed");
        return only != null ? LongStream.of(only) : LongStream.rangeClosed(1, Long.getLong("panpipe.seeds", seeds));
    }

    /**
     * Runs a program with one seed; see {@link #run}.
     *
     * @param seed the seed
     * @param program what to run
     * @throws AssertionError if it fails
     */
    public static void runOne(long seed, Program program) {
        SimulatedKernel kernel = new SimulatedKernel(seed);
        try (kernel) {
            program.run(kernel);
            kernel.checkNothingLeft();
        } catch (Throwable failure) {
            throw new AssertionError("seed " + seed + " failed: " + failure + "\nagain with -Dpanpipe.seed=" + seed
                    + "\n" + kernel.trace(LINES), failure);
        }
    }
}
