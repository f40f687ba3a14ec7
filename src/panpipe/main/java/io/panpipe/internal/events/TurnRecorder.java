/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.events;

import org.jspecify.annotations.Nullable;

/** Records the turns of one loop: how long it works between two waits for events. Allocates nothing per turn. */
public final class TurnRecorder {

    private @Nullable LoopTurn turn;
    private boolean begun;

    /**
     * The loop has waited and begins to work.
     *
     * @param number the turn's, counted from the loop's first; what is done before the first wait of a run belongs to the
     *     turn before
     * @param ready how many readiness events it found
     */
    public void begin(long number, int ready) {
        if (FlightRecording.isOn()) {
            LoopTurn present = turn;
            if (present == null) {
                present = new LoopTurn();
                turn = present;
            }
            begun = present.isEnabled();
            if (begun) {
                present.turn = number;
                present.events = ready;
                present.begin();
            }
        }
    }

    /** The loop has done its work. Without effect if no turn has begun. */
    public void end() {
        LoopTurn present = turn;
        if (begun && present != null) {
            begun = false;
            present.end();
            if (present.shouldCommit()) {
                present.commit();
            }
        }
    }
}
