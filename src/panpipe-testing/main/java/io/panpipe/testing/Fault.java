/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.internal.simulated.FaultRule;
import io.panpipe.internal.simulated.SimulatedMachine;

/**
 * A fault that a test has arranged, to ask whether it happened and to end it.
 *
 * @since 0.1
 */
public final class Fault {

    private final SimulatedMachine machine;
    private final FaultRule rule;

    Fault(SimulatedMachine machine, FaultRule rule) {
        this.machine = machine;
        this.rule = rule;
    }

    /**
     * Returns how often it has happened.
     *
     * @return 0 or more: a test that counts on its fault checks this
     */
    public long count() {
        return machine.happened(rule);
    }

    /** Ends it: it happens no more. */
    public void end() {
        machine.remove(rule);
    }
}
