/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program over many seeds, and says of the first that fails which it was and how to run it again. (With JUnit,
 * the annotation {@code SimulatedTest} does it.)
 *
 * @since 0.1
 */
public final class Simulation {

    private static final int LINES = 200;
    private static final String ONE_SEED = "panpipe.seed";
    private static final String SEEDS = "panpipe.seeds";

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
     * seed alone, {@code panpipe.seeds} for another number of seeds, or those of a range such as {@code 1000-1999}. Where
     * neither is set the environment is asked for {@code PANPIPE_SEED} and {@code PANPIPE_SEEDS}, since not every build
     * tool hands system properties on to tests.
     * After each run {@linkplain SimulatedKernel#checkNothingLeft() nothing may be left}.
     *
     * @param seeds how many, 1 or more
     * @param program what to run
     * @throws IllegalArgumentException if there are fewer, or a property is no such number
     * @throws AssertionError for the first seed that fails
     */
    public static void run(int seeds, Program program) {
        Objects.requireNonNull(program, "program");
        seeds(seeds).forEach(seed -> runOne(seed, program));
    }

    /**
     * Returns the seeds to run: from 1 on, or what the system properties or the environment say, as in {@link #run}.
     *
     * @param seeds how many, 1 or more
     * @return the seeds, in order
     * @throws IllegalArgumentException if there are fewer, or a property is no such number
     */
    public static LongStream seeds(int seeds) {
        return seeds(seeds, System::getProperty);
    }

    /**
     * Returns the seeds to run where a test framework has settings of its own, which are asked instead of the system
     * properties; after them the environment is, as in {@link #run}.
     *
     * @param seeds how many, 1 or more
     * @param settings returns the setting {@code panpipe.seed} or {@code panpipe.seeds}, or null
     * @return the seeds, in order
     * @throws IllegalArgumentException if there are fewer, or a setting is no such number
     */
    public static LongStream seeds(int seeds, UnaryOperator<@Nullable String> settings) {
        return asked(seeds, settings, System::getenv);
    }

    static LongStream asked(
            int seeds, UnaryOperator<@Nullable String> settings, UnaryOperator<@Nullable String> environment) {
        String only = settings.apply(ONE_SEED);
        String asked = settings.apply(SEEDS);
        if (only == null && asked == null) {
            only = variable(environment, ONE_SEED);
            asked = variable(environment, SEEDS);
        }
        return seeds(seeds, only, asked);
    }

    /** Returns a variable of the environment; one that is empty counts as unset, as it does in a shell. */
    private static @Nullable String variable(UnaryOperator<@Nullable String> environment, String setting) {
        String value = environment.apply(setting.toUpperCase(Locale.ROOT).replace('.', '_'));
        return value == null || value.isEmpty() ? null : value;
    }

    /** Returns the seeds to run, where properties may say another thing: one that is no number must not say nothing. */
    static LongStream seeds(int seeds, @Nullable String only, @Nullable String asked) {
        if (only != null) {
            return LongStream.of(number(ONE_SEED, only));
        }
        String[] ends = (asked == null ? "1-" + seeds : asked.contains("-") ? asked : "1-" + asked).split("-", 2);
        long first = number(SEEDS, ends[0]);
        long last = number(SEEDS, ends[1]);
        if (last < first) {
            throw new IllegalArgumentException("less than one seed: " + (asked == null ? seeds : asked));
        }
        return LongStream.rangeClosed(first, last);
    }

    private static long number(String property, String text) {
        try {
            return Long.decode(text);
        } catch (NumberFormatException unreadable) {
            throw new IllegalArgumentException(property + " is not a whole number: \"" + text + "\"", unreadable);
        }
    }

    /**
     * Runs a program with one seed; see {@link #run}.
     *
     * @param seed the seed
     * @param program what to run
     * @throws AssertionError if it fails
     */
    public static void runOne(long seed, Program program) {
        try (SimulatedKernel kernel = new SimulatedKernel(seed)) {
            try {
                program.run(kernel);
                kernel.checkNothingLeft();
            } catch (Throwable failure) {
                // While the end of the trace is what led to it, and not yet the closing of what is left.
                throw new AssertionError("seed " + seed + " failed: " + failure + "\nagain with -Dpanpipe.seed=" + seed
                        + ", or PANPIPE_SEED=" + seed + " in the environment\n" + kernel.trace(LINES), failure);
            }
        }
    }
}
