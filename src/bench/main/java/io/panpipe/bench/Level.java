/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.Arrays;

/**
 * Whether a server's measurements have become level, or still go up or down, as those of a JVM do whose compilers are not
 * done. The earlier half of them is held against the later one (with an odd number, the one between them is in neither).
 * They are not level when the medians of the halves differ by more than 3 % and, besides, the halves are apart: of all
 * pairs with one number from each half, at most one in sixteen is in the other order. The second condition is what tells
 * a slope from a machine's noise; of level measurements about one series in twenty fails it.
 */
final class Level {

    private static final double TOLERANCE = 0.03;
    private static final int PAIRS_FOR_AN_EXCEPTION = 16;

    private Level() {}

    /**
     * Returns whether a series is level.
     *
     * @param values in the order in which they were measured
     */
    static boolean isLevel(double... values) {
        int half = values.length / 2;
        if (half < 2) {
            // Of two or three numbers nothing can be said.
            return true;
        }
        double[] earlier = Arrays.copyOf(values, half);
        double[] later = Arrays.copyOfRange(values, values.length - half, values.length);
        double change = Estimate.of(later).median() / Estimate.of(earlier).median();
        return Math.abs(change - 1) <= TOLERANCE || !areApart(earlier, later);
    }

    private static boolean areApart(double[] earlier, double[] later) {
        int down = 0;
        int up = 0;
        for (double before : earlier) {
            for (double after : later) {
                down += after < before ? 1 : 0;
                up += after > before ? 1 : 0;
            }
        }
        return Math.min(down, up) <= earlier.length * later.length / PAIRS_FOR_AN_EXCEPTION;
    }
}
