/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.time.Duration;

/**
 * How long tests wait for what should come: every limit at which a test gives up is taken from here, so that one
 * property makes all of them longer on a machine that is slow, emulated or watched by a tool.
 *
 * <p>The factor is the system property {@value #PROPERTY}, else the environment variable {@value #VARIABLE}, else 1. It
 * knows nothing of JUnit: programs that tests start use it too.
 */
public final class Patience {

    /** The system property that has the factor. */
    public static final String PROPERTY = "panpipe.patience";

    /** The environment variable that has it, for the processes that tests start, and theirs. */
    public static final String VARIABLE = "PANPIPE_PATIENCE";

    private static final double FACTOR = read();

    private Patience() {}

    private static double read() {
        String given = System.getProperty(PROPERTY, System.getenv(VARIABLE));
        if (given == null || given.isBlank()) {
            return 1;
        }
        double factor;
        try {
            factor = Double.parseDouble(given.strip());
        } catch (NumberFormatException wrong) {
            factor = 0;
        }
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException(PROPERTY + " (or " + VARIABLE + ") is a positive factor, not: " + given);
        }
        return factor;
    }

    /** Returns so many seconds, or rather what they are on this machine. */
    public static Duration seconds(long seconds) {
        return of(Duration.ofSeconds(seconds));
    }

    /** Returns so many minutes, or rather what they are on this machine. */
    public static Duration minutes(long minutes) {
        return of(Duration.ofMinutes(minutes));
    }

    /** Returns a time, scaled. */
    public static Duration of(Duration time) {
        return FACTOR == 1 ? time : Duration.ofMillis(Math.max(1, Math.round(time.toMillis() * FACTOR)));
    }

    /** Gives the factor to a process that is about to be started, however this one has got it. */
    public static ProcessBuilder handOn(ProcessBuilder child) {
        child.environment().put(VARIABLE, Double.toString(FACTOR));
        return child;
    }
}
