/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class LoopCountersTest {

    private final LoopCounters counters = new LoopCounters();

    @Test
    void aWaitThatGoesOnIsIdleTime() {
        counters.waits(1000);
        assertTrue(counters.isWaiting());
        assertEquals(7, counters.metrics(1007).idleNanos());
        counters.woke(1010);
        assertFalse(counters.isWaiting());
        assertEquals(10, counters.metrics(5000).idleNanos());
        counters.waits(6000);
        assertEquals(11, counters.metrics(6001).idleNanos());
    }

    @Test
    void aClockThatBeginsAtNothingIsNoTrouble() {
        counters.waits(0);
        assertTrue(counters.isWaiting());
        counters.woke(0);
        assertFalse(counters.isWaiting());
        assertEquals(0, counters.metrics(3).idleNanos());
    }

    @Test
    void turnsAndEventsAreCounted() {
        counters.turn();
        counters.turn();
        counters.events(3);
        counters.events(0);
        assertEquals(new LoopMetrics(2, 3, 0, 0), counters.metrics(9));
        assertEquals(2, counters.iterations());
    }
}
