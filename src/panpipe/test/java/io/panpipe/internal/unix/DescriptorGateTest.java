/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Who may enter, and who closes. */
class DescriptorGateTest {

    private final DescriptorGate gate = new DescriptorGate();

    @Test
    void whatCannotBeShutStaysOpen() {
        assertTrue(gate.enter());
        assertFalse(gate.shutIfEmpty());
        assertTrue(gate.enter(), "nothing has happened");
        assertFalse(gate.leave());
        assertFalse(gate.leave());
        assertTrue(gate.shutIfEmpty());
        assertFalse(gate.enter());
    }

    @Test
    void theLastOneToLeaveCloses() {
        assertTrue(gate.enter());
        assertTrue(gate.enter());
        assertFalse(gate.close());
        assertFalse(gate.enter());
        assertFalse(gate.leave());
        assertTrue(gate.leave());
    }

    @Test
    void whoClosesWhileNobodyIsInsideClosesItself() {
        assertTrue(gate.enter());
        assertFalse(gate.leave());
        assertTrue(gate.close());
        assertFalse(gate.enter());
    }

    /** Between the looks of who shuts and what comes of it, the last one may leave. */
    @Test
    void nobodyClosesTwice() {
        assertTrue(gate.enter());
        assertFalse(gate.shut());
        assertFalse(gate.leave());
        assertTrue(gate.hand());
        assertFalse(gate.enter());
    }
}
