/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class LoopOptionsTest {

    @Test
    void aLoopDoesNotPollBusilyUnlessItIsTold() {
        assertEquals(Duration.ZERO, LoopOptions.defaults().busyPoll());
        assertEquals(Duration.ofNanos(50_000), LoopOptions.defaults().busyPoll(Duration.ofNanos(50_000)).busyPoll());
        assertEquals(Duration.ZERO, LoopOptions.defaults().busyPoll(Duration.ofMillis(1)).busyPoll(Duration.ZERO).busyPoll());
    }

    @Test
    void settingAnOptionLeavesTheOthersAlone() {
        LoopOptions before = LoopOptions.defaults();
        before.busyPoll(Duration.ofSeconds(1));
        assertEquals(Duration.ZERO, before.busyPoll());
    }

    @Test
    void aLoopForgetsWhereItsHandlesWereMadeUnlessItIsTold() {
        LoopOptions before = LoopOptions.defaults();
        assertFalse(before.creationSites());
        assertTrue(before.creationSites(true).creationSites());
        assertFalse(before.creationSites());
        LoopOptions both = before.creationSites(true).busyPoll(Duration.ofMillis(1));
        assertTrue(both.creationSites());
        assertEquals(Duration.ofMillis(1), both.creationSites(false).busyPoll());
    }

    @Test
    void aDurationThatIsNegativeOrBeyondASecondIsRefused() {
        LoopOptions options = LoopOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> options.busyPoll(Duration.ofNanos(-1)));
        assertThrows(IllegalArgumentException.class, () -> options.busyPoll(Duration.ofNanos(1_000_000_001)));
        assertThrows(IllegalArgumentException.class, () -> options.busyPoll(Duration.ofSeconds(Long.MAX_VALUE)));
        assertThrows(NullPointerException.class, () -> options.busyPoll(null));
    }
}
