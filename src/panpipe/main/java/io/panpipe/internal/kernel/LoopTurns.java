/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/**
 * A loop as its selector may drive it: where many loops share one thread, a selector that waits gives the others turns.
 *
 * <p>No method checks the thread; all but those of a loop that runs elsewhere may be called.
 */
public interface LoopTurns {

    /** Nothing keeps the loop alive. */
    long NOT_ALIVE = -2;

    /** Tells whether the loop is inside a run already, on whatever thread. */
    boolean isRunning();

    /** Tells whether the loop is being closed: it waits for its own writes in flight alone, and for nobody's turn. */
    boolean isClosing();

    /**
     * Runs the loop once without waiting.
     *
     * @return whether it was told to stop
     */
    boolean turn();

    /**
     * Returns how long until the loop has something to do besides events of its channels.
     *
     * @return nanoseconds, 0 for now; {@link Selector#FOREVER} if only an event can give it work, {@link #NOT_ALIVE}
     */
    long nanosToWork();

    /** Returns what the loop's user would want to know of it when it waits in vain: its handles. */
    String description();
}
