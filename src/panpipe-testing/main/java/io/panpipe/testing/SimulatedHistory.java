/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.internal.simulated.SimulatedMachine;

/**
 * Tells, among the suppressed exceptions of a failure, which seed led to it and what happened last.
 *
 * @since 0.1
 */
public final class SimulatedHistory extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private SimulatedHistory(String message) {
        super(message, null, false, false);
    }

    /** Adds the history to a failure that has none yet. */
    static void addTo(Throwable failure, SimulatedMachine machine) {
        for (Throwable known : failure.getSuppressed()) {
            if (known instanceof SimulatedHistory) {
                return;
            }
        }
        failure.addSuppressed(new SimulatedHistory(machine.history()));
    }
}
