/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the world's time, which no real clock moves, and what is going to happen in the background at which time.
 *
 * <p>All but {@link #now} needs the world's lock.
 */
final class VirtualClock {

    /** The time of nothing: no event, no deadline. */
    static final long NEVER = Long.MAX_VALUE;

    /** Neither 0 nor near a real clock's reading, so that code which mixes clocks or takes 0 for "unset" is noticed. */
    private static final long BEGINNING_NANOS = 1_000_000_000_000L;

    /** Something that is to happen; {@code owner} is the only waiter whose thread may run it, or null for any. */
    private record Event(long time, @Nullable Waiter owner, Runnable action) {

        boolean isFor(@Nullable Waiter waiter) {
            return owner == null || waiter == null || owner == waiter;
        }
    }

    private final List<Event> events = new ArrayList<>();
    private volatile long now = BEGINNING_NANOS;

    /** Returns the time; callable from any thread, without the lock. */
    long now() {
        return now;
    }

    /** Returns the time since the beginning. */
    long elapsed() {
        return now - BEGINNING_NANOS;
    }

    /** Moves the time; never back. */
    void advanceTo(long time) {
        now = Math.max(now, time);
    }

    /**
     * Returns the time after so many nanoseconds, {@link #NEVER} for negative ones and for more than can be counted.
     */
    long after(long nanos) {
        return nanos < 0 || nanos >= NEVER - now ? NEVER : now + nanos;
    }

    /** Has something happen after a while, in the select of the owner, or if that is null of whoever comes first. */
    void schedule(long delayNanos, @Nullable Waiter owner, Runnable action) {
        events.add(new Event(now + delayNanos, owner, action));
    }

    /** Returns when the next event for a waiter, or for anyone if that is null, is due, or {@link #NEVER}. */
    long nextFor(@Nullable Waiter waiter) {
        Event earliest = earliestFor(waiter);
        return earliest == null ? NEVER : earliest.time();
    }

    /**
     * Lets all happen that is due and that this waiter may run; all there is for null, where one thread is everybody's.
     */
    void runDue(@Nullable Waiter waiter) {
        Event earliest = earliestFor(waiter);
        while (earliest != null && earliest.time() <= now) {
            run(earliest);
            earliest = earliestFor(waiter);
        }
    }

    /** Lets the next event happen before its time. */
    void runNext(Waiter waiter) {
        Event earliest = earliestFor(waiter);
        if (earliest != null) {
            run(earliest);
        }
    }

    private void run(Event event) {
        events.remove(event);
        event.action().run();
    }

    /** Of events at the same time, the one scheduled first. */
    private @Nullable Event earliestFor(@Nullable Waiter waiter) {
        Event earliest = null;
        for (Event event : events) {
            if (event.isFor(waiter) && (earliest == null || event.time() < earliest.time())) {
                earliest = event;
            }
        }
        return earliest;
    }
}
