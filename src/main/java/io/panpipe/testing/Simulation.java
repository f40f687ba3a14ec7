/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import java.util.Objects;

/**
 * Runs a program over many seeds, and says of the first that fails which it was and how to run it again. (With JUnit, the
 * annotation {@code SimulatedTest} does it.)
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
     * Runs a program with the seeds from 1 on, or with what the system properties say: {@code panpipe.seed} for one seed
     * alone, {@code panpipe.seeds} for another number of seeds. After each run {@linkplain
     * SimulatedKernel#checkNothingLeft() nothing may be left}.
     *
     * @param seeds how many, 1 or more
     * @param program what to run
     * @throws AssertionError for the first seed that fails
     */
    public static void run(int seeds, Program program) {
        Objects.requireNonNull(program, "program");
        Long only = Long.getLong("panpipe.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? Math.max(1, Integer.getInteger("panpipe.seeds", seeds)) : only;
        for (long seed = first; seed <= last; seed++) {
            runOne(seed, program);
        }
    }

    private static void runOne(long seed, Program program) {
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
