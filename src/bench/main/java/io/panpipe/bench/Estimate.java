/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/**
 * The median of some measurements, and an interval that holds the true median with a probability of at least 95 %: the
 * narrowest pair of order statistics, equally far from both ends, of which the binomial distribution says so. With
 * fewer than six measurements there is none, and {@code low} and {@code high} are their whole range.
 *
 * @param median the median
 * @param low the lower end
 * @param high the upper end
 * @param count of how many measurements
 */
record Estimate(double median, double low, double high, int count) {

    private static final double COVERAGE = 0.95;

    /** Of so many, the smallest and the largest hold the median with a probability of 31 in 32, and of fewer less. */
    static final int FEWEST = 6;

    static Estimate of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        int skipped = skipped(n);
        return new Estimate(median, sorted[skipped], sorted[n - 1 - skipped], n);
    }

    /** The quotients of measurements made side by side. */
    static Estimate ofRatios(double[] numerators, double[] denominators) {
        return of(pairwise(numerators, denominators, (a, b) -> a / b));
    }

    /** The differences of measurements made side by side. */
    static Estimate ofDifferences(double[] from, double[] minus) {
        return of(pairwise(from, minus, (a, b) -> a - b));
    }

    private static double[] pairwise(double[] a, double[] b, DoubleBinaryOperator operator) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " measurements beside " + b.length);
        }
        double[] results = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            results[i] = operator.applyAsDouble(a[i], b[i]);
        }
        return results;
    }

    /** How many measurements at each end may be left out. */
    private static int skipped(int n) {
        int skipped = 0;
        double chance = Math.pow(0.5, n);
        double below = 0;
        for (int k = 0; k < n; k++) {
            // That at most k of n lie below the median, or above it.
            below += chance;
            if (2 * below > 1 - COVERAGE) {
                break;
            }
            skipped = k;
            chance *= (double) (n - k) / (k + 1);
        }
        return skipped;
    }

    /** Whether {@code low} and {@code high} are such an interval, and not just the range of what was measured. */
    boolean isInterval() {
        return count >= FEWEST;
    }

    /**
     * How far the measurements lie apart, as the report says it: an interval, a range that is called one, or nothing.
     *
     * @param format how a number is written
     */
    String spread(String format) {
        if (count == 1) {
            return "–";
        }
        String both = Tables.format(format + "–" + format, low, high);
        return isInterval() ? both : both + " (range)";
    }
}
