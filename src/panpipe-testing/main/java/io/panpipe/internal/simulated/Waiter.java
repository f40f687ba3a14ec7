/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.concurrent.locks.ReentrantLock;

/**
 * One selector as the {@link TimeKeeper} sees it: which thread drives it, and what it waits for while it is in select.
 *
 * <p>The world's lock is held.
 */
final class Waiter {

    /** How long a loop may be away from its select, in real time, before time goes on without it. */
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    /** How long a thread has to be seen parked: one that was just unparked looks so too until it gets a processor. */
    private static final long PARKED_NANOS = 20_000_000;

    private Thread thread = Thread.currentThread();
    private long leftAt = System.nanoTime();
    private long parkedSince;
    private boolean seenParked;
    private boolean waiting;
    private boolean woken;
    private long deadline;
    private long seenVersion;

    /** Notes that the current thread has entered select. */
    void enter() {
        thread = Thread.currentThread();
    }

    /** Notes that select returns: wake-ups until now are answered by that. */
    void leave() {
        woken = false;
        leftAt = System.nanoTime();
        seenParked = false;
    }

    /** Asks for an early return; tells whether that is news. */
    boolean wake() {
        boolean isNews = !woken;
        woken = true;
        return isNews;
    }

    boolean isWoken() {
        return woken;
    }

    /** Begins to wait, in the knowledge of what had happened up to a version of the world. */
    void beginWait(long until, long version) {
        waiting = true;
        deadline = until;
        seenVersion = version;
    }

    void endWait() {
        waiting = false;
    }

    boolean isWaiting() {
        return waiting;
    }

    long deadline() {
        return deadline;
    }

    /** Tells whether something has happened since the wait began. */
    boolean hasNews(long version) {
        return woken || seenVersion != version;
    }

    /**
     * Tells whether the selector's loop is running callbacks just now, for which time has to stand still.
     *
     * <p>It is not when this very thread drives it, which is in another selector's select; when its thread has ended;
     * or when that is parked for anything but the world's lock: then its loop has returned or its callback blocks,
     * and in neither case would a real clock wait. What else may have kept it away is not known, hence the patience.
     */
    boolean isBusy(ReentrantLock lock) {
        if (waiting || thread == Thread.currentThread() || !thread.isAlive()) {
            return false;
        }
        long now = System.nanoTime();
        return now - leftAt <= PATIENCE_NANOS && !isParked(lock, now);
    }

    private boolean isParked(ReentrantLock lock, long now) {
        Thread.State state = thread.getState();
        boolean parked = state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
        if (!parked || lock.hasQueuedThread(thread)) {
            seenParked = false;
            return false;
        }
        if (!seenParked) {
            seenParked = true;
            parkedSince = now;
        }
        return now - parkedSince >= PARKED_NANOS;
    }
}
