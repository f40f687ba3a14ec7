/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.DarwinDouble;
import org.junit.jupiter.api.Test;

/**
 * That the profile {@code darwin} runs on the double. All others of the lane leave themselves out where there is none, and a lane
 * without tests is green. Only the profile finds this class by its name.
 */
class BsdLane {

    @Test
    void theLaneRunsOnTheDouble() {
        assertTrue(DarwinDouble.isDoubled(), "the profile's panpipe.test.jvmArgs did not reach this JVM");
    }
}
