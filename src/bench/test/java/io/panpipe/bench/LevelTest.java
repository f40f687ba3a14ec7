/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which series are level, so that no more rounds are discarded. */
class LevelTest {

    @Test
    void aJvmWhoseCompilerIsNotDoneIsNotLevel() {
        assertFalse(Level.isLevel(1.52, 1.50, 1.49, 1.41, 1.40, 1.35, 1.30, 1.28, 1.27));
        // One of the later rounds was disturbed.
        assertFalse(Level.isLevel(1.52, 1.50, 1.49, 1.41, 1.40, 1.35, 1.45, 1.28, 1.27));
    }

    @Test
    void whatGetsSlowerIsNotLevelEither() {
        assertFalse(Level.isLevel(1.00, 1.01, 1.02, 1.01, 1.05, 1.10, 1.11, 1.12, 1.10));
    }

    @Test
    void noiseIsLevel() {
        assertTrue(Level.isLevel(1.10, 0.95, 1.30, 1.02, 1.20, 0.97, 1.15, 1.08, 1.22));
        assertTrue(Level.isLevel(1.30, 1.02, 1.01, 1.05, 1.04, 1.02, 1.06, 1.01, 1.03));
    }

    @Test
    void aSlopeThatNobodyWouldSeeIsLevel() {
        assertTrue(Level.isLevel(1.020, 1.019, 1.018, 1.017, 1.016, 1.015, 1.014, 1.013, 1.012));
    }

    @Test
    void theFirstRoundAloneMayBeSlow() {
        assertTrue(Level.isLevel(2.50, 1.02, 1.01, 1.03, 1.02, 1.03, 1.01, 1.02, 1.02));
    }

    @Test
    void twoOrThreeNumbersSayNothing() {
        assertTrue(Level.isLevel(2, 1));
        assertTrue(Level.isLevel(3, 2, 1));
        assertFalse(Level.isLevel(4, 3, 2, 1));
    }

    @Test
    void ofLevelSeriesOneInTwelveAtMostIsTakenForASlope() {
        Random random = new Random(1);
        int wrong = 0;
        for (int i = 0; i < 10_000; i++) {
            double[] series = random.doubles(9, 0.8, 1.2).toArray();
            wrong += Level.isLevel(series) ? 0 : 1;
        }
        assertTrue(wrong < 10_000 / 12, Integer.toString(wrong));
    }
}
