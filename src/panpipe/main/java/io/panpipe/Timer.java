/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.loop.TimerCore;
import java.time.Duration;
import java.util.Objects;

/**
 * Calls back after a time, once or again and again.
 *
 * <p>Times count from {@link Loop#now()}, the loop's time of this turn, or from the clock while the loop does not run; a
 * timer never fires early, and fires late where callbacks take long. A repeating timer that is late does not catch up: its
 * next time counts from when it ran.
 *
 * @since 0.1
 */
public final class Timer extends Handle {

    private final TimerCore core;

    /**
     * Makes a timer that is not started.
     *
     * @param loop the loop to run in, on whose thread this is called
     */
    public Timer(Loop loop) {
        core = new TimerCore(Loop.coreOf(loop), this);
    }

    /**
     * Starts the timer for one time.
     *
     * @param callback called once, in a later turn of the loop
     * @param timeout how long from now; zero for the next turn, at most 292 years
     * @throws IllegalArgumentException if the timeout is negative or too long
     */
    public void start(HandleCallback<? super Timer> callback, Duration timeout) {
        start(callback, timeout, Duration.ZERO);
    }

    /**
     * Starts the timer, anew if it was started already.
     *
     * @param callback called in later turns of the loop
     * @param timeout how long from now until the first call; zero for the next turn, at most 292 years
     * @param repeat how long between calls; zero for only one
     * @throws IllegalArgumentException if a time is negative or too long
     */
    public void start(HandleCallback<? super Timer> callback, Duration timeout, Duration repeat) {
        checkUsable();
        Objects.requireNonNull(callback, "callback");
        core.start(callback, nanos(timeout, "timeout"), nanos(repeat, "repeat"));
    }

    /** Stops the timer; without effect if it is not started. */
    public void stop() {
        checkThread();
        core.stop();
    }

    /**
     * Starts a repeating timer's time from the beginning, as one does to put a timeout off; stops one that does not
     * repeat.
     *
     * @throws IllegalStateException if the timer was never started
     */
    public void again() {
        checkUsable();
        if (!core.wasStarted()) {
            throw new IllegalStateException("this timer was never started: call start first");
        }
        core.again();
    }

    /**
     * Returns the time between calls.
     *
     * @return zero if the timer does not repeat
     */
    public Duration repeat() {
        checkThread();
        return Duration.ofNanos(core.repeatNanos());
    }

    /**
     * Changes the time between calls from the next call on.
     *
     * @param repeat zero for no more than the next call
     * @throws IllegalArgumentException if it is negative or too long
     */
    public void repeat(Duration repeat) {
        checkUsable();
        core.repeatNanos(nanos(repeat, "repeat"));
    }

    /**
     * Returns how long until the timer is due.
     *
     * @return zero if it is due or not started
     */
    public Duration dueIn() {
        checkThread();
        return Duration.ofNanos(core.nanosToDue());
    }

    @Override
    TimerCore core() {
        return core;
    }

    static long nanos(Duration time, String what) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(what + " is negative: " + time);
        }
        try {
            return time.toNanos();
        } catch (ArithmeticException tooLong) {
            throw new IllegalArgumentException(what + " is longer than 292 years: " + time, tooLong);
        }
    }

    @Override
    public String toString() {
        return "Timer";
    }
}
