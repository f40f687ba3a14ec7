/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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

    private final Entry entry = new Entry();
    private @Nullable HandleCallback<? super Timer> callback;
    private long repeatNanos;

    private final class Entry extends TimerQueue.Entry {
        @Override
        void fire() {
            Timer.this.fire();
        }
    }

    /**
     * Makes a timer that is not started.
     *
     * @param loop the loop to run in, on whose thread this is called
     */
    public Timer(Loop loop) {
        super(loop);
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
        long first = nanos(timeout, "timeout");
        repeatNanos = nanos(repeat, "repeat");
        this.callback = callback;
        schedule(first);
    }

    /** Stops the timer; without effect if it is not started. */
    public void stop() {
        loop().checkThread();
        loop().timers.remove(entry);
        setActive(false);
    }

    /**
     * Starts a repeating timer's time from the beginning, as one does to put a timeout off; stops one that does not
     * repeat.
     *
     * @throws IllegalStateException if the timer was never started
     */
    public void again() {
        checkUsable();
        if (callback == null) {
            throw new IllegalStateException("this timer was never started: call start first");
        }
        if (repeatNanos > 0) {
            schedule(repeatNanos);
        } else {
            stop();
        }
    }

    /**
     * Returns the time between calls.
     *
     * @return zero if the timer does not repeat
     */
    public Duration repeat() {
        loop().checkThread();
        return Duration.ofNanos(repeatNanos);
    }

    /**
     * Changes the time between calls from the next call on.
     *
     * @param repeat zero for no more than the next call
     * @throws IllegalArgumentException if it is negative or too long
     */
    public void repeat(Duration repeat) {
        checkUsable();
        repeatNanos = nanos(repeat, "repeat");
    }

    /**
     * Returns how long until the timer is due.
     *
     * @return zero if it is due or not started
     */
    public Duration dueIn() {
        loop().checkThread();
        return entry.isQueued() ? Duration.ofNanos(Math.max(0, entry.due() - loop().freshNanos())) : Duration.ZERO;
    }

    private void schedule(long nanos) {
        loop().timers.remove(entry);
        long due = loop().freshNanos() + nanos;
        loop().timers.add(entry, due < 0 ? Long.MAX_VALUE : due);
        setActive(true);
    }

    private void fire() {
        if (repeatNanos > 0) {
            schedule(repeatNanos);
        } else {
            setActive(false);
        }
        HandleCallback<? super Timer> due = callback;
        if (due != null) {
            loop().callbacks.call(due, this);
        }
    }

    @Override
    void describe(List<String> facts) {
        facts.add(entry.isQueued()
                ? "due in " + LoopDump.seconds(Math.max(0, entry.due() - loop().clockNanos()))
                : "not started");
        if (repeatNanos > 0) {
            facts.add("repeats every " + LoopDump.seconds(repeatNanos));
        }
    }

    @Override
    boolean release() {
        stop();
        return true;
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
