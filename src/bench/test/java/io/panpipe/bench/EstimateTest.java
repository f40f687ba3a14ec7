/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Medians and intervals against answers that were known before. */
class EstimateTest {

    @Test
    void theIntervalIsThatOfTheBinomialDistribution() {
        // Of 15, the 4th and the 12th: the median lies between them with 96.5 %, between the 5th and 11th with 88.2 %.
        double[] fifteen = {15, 1, 14, 2, 13, 3, 12, 4, 11, 5, 10, 6, 9, 7, 8};
        assertEquals(new Estimate(8, 4, 12, 15), Estimate.of(fifteen));
        assertEquals(new Estimate(5.5, 2, 9, 10), Estimate.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        // Of 9, the 2nd and the 8th with 96.1 %.
        assertEquals(new Estimate(5, 2, 8, 9), Estimate.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertEquals(new Estimate(3.5, 1, 6, 6), Estimate.of(6, 5, 4, 3, 2, 1));
    }

    @Test
    void fewerThanSixHaveARangeAndNoInterval() {
        assertTrue(Estimate.of(1, 2, 3, 4, 5, 6).isInterval());
        assertFalse(Estimate.of(1, 2, 3, 4, 5).isInterval());
        assertEquals("1.00–6.00", Estimate.of(1, 2, 3, 4, 5, 6).spread("%.2f"));
        assertEquals("1.00–5.00 (range)", Estimate.of(1, 2, 3, 4, 5).spread("%.2f"));
    }

    @Test
    void oneMeasurementHasNeither() {
        assertEquals("–", Estimate.of(0.94).spread("%.2f"));
        assertThrows(IllegalArgumentException.class, Estimate::of);
    }
}
