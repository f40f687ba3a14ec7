/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

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
        assertEquals(7, counters.idleNanos(1007));
        counters.woke(1010);
        assertFalse(counters.isWaiting());
        assertEquals(10, counters.idleNanos(5000));
        counters.waits(6000);
        assertEquals(11, counters.idleNanos(6001));
    }

    @Test
    void aClockThatBeginsAtNothingIsNoTrouble() {
        counters.waits(0);
        assertTrue(counters.isWaiting());
        counters.woke(0);
        assertFalse(counters.isWaiting());
        assertEquals(0, counters.idleNanos(3));
    }

    @Test
    void turnsAndEventsAreCounted() {
        counters.turn();
        counters.turn();
        counters.events(3);
        counters.events(0);
        assertEquals(2, counters.iterations());
        assertEquals(3, counters.events());
        assertEquals(0, counters.idleNanos(9));
        assertEquals(0, counters.lostWrites());
    }
}
