/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.LoopTurns;
import org.jspecify.annotations.Nullable;

/** One loop among those that a {@link Stepper} gives turns: whether it is to have one, and when it wants the next. */
final class Participant {

    private final SimulatedSelector selector;
    private final SimulatedProcess process;
    private final VirtualClock clock;
    private @Nullable LoopTurns loop;
    private boolean turning;
    private boolean stopped;

    Participant(SimulatedSelector selector, SimulatedProcess process) {
        this.selector = selector;
        this.process = process;
        clock = process.world().clock();
    }

    void loop(LoopTurns served) {
        loop = served;
    }

    /** Tells whether its loop is inside a turn that it was given, in which it must not wait. */
    boolean isTurning() {
        return turning;
    }

    /**
     * Tells whether its loop is being closed. Nobody else has turns meanwhile: what they throw would end the close
     * half-way.
     */
    boolean isClosing() {
        return loop != null && loop.isClosing();
    }

    private boolean mayHaveTurns() {
        return !stopped && process.isRunning() && loop != null && !loop.isRunning();
    }

    /** Tells whether its loop is to be given a turn. */
    boolean hasWork() {
        LoopTurns served = loop;
        if (served == null || !mayHaveTurns()) {
            return false;
        }
        long nanos = served.nanosToWork();
        return nanos == 0 || nanos != LoopTurns.NOT_ALIVE && selector.hasNews();
    }

    boolean hasNews() {
        return selector.hasNews();
    }

    /** Tells whether a wait may end. */
    boolean isReady(long deadline) {
        return !isHeldUp() && (clock.now() >= deadline || selector.hasNews());
    }

    /** Tells whether the process is paused, so that not even a timeout ends a wait. */
    boolean isHeldUp() {
        return !process.isRunning() && !process.isDead();
    }

    /** Returns when the loop's next timer is due, or {@link VirtualClock#NEVER}. */
    long nextTimer() {
        LoopTurns served = loop;
        return served == null || !mayHaveTurns() ? VirtualClock.NEVER : clock.after(served.nanosToWork());
    }

    /** Gives the loop a turn. */
    void turn() {
        LoopTurns served = loop;
        if (served != null) {
            turning = true;
            try {
                stopped = served.turn();
            } finally {
                turning = false;
            }
        }
    }

    /** Lets a loop that was stopped have turns again. */
    void restart() {
        stopped = false;
    }

    boolean isAlive() {
        return loop != null && !process.isDead() && loop.nanosToWork() != LoopTurns.NOT_ALIVE;
    }

    /** Says whose loop it is and what it waits with. */
    String description() {
        return "the loop of " + selector.label() + " still waits, with " + (loop == null ? "[]" : loop.description());
    }
}
