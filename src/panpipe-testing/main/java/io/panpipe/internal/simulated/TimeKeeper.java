/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets selectors wait for each other and moves the virtual time when there is nothing else left to wait for.
 *
 * <p>The rule, for one selector or several on as many threads: time moves only when every open selector waits and none
 * of them has anything to do, and then to the earliest deadline or background event of all. While a loop runs callbacks
 * the others wait in real time; otherwise its peer's timeouts would fire while it is about to answer. A selector that
 * nobody drives at the moment must not hold up the others: {@link Waiter#isBusy} tells, and since no thread announces
 * that it stops driving a loop, it is asked again every millisecond while a wait depends on it.
 *
 * <p>A lock and a condition rather than a monitor: a virtual thread that waits in a monitor pins its carrier up to
 * Java 23.
 */
final class TimeKeeper {

    private static final long GLANCE_MILLIS = 1;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final VirtualClock clock;
    private final List<Waiter> waiters = new ArrayList<>();
    private long version;
    private int waiting;

    TimeKeeper(VirtualClock clock) {
        this.clock = clock;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    void add(Waiter waiter) {
        waiters.add(waiter);
    }

    /** Forgets a selector that is closed; the others need not wait for it any more. */
    void remove(Waiter waiter) {
        waiters.remove(waiter);
        signal();
    }

    /** Notes that channels may have become ready: every waiting selector looks again. */
    void changed() {
        version++;
        signal();
    }

    /** Wakes one selector. */
    void wake(Waiter waiter) {
        if (waiter.wake()) {
            signal();
        }
    }

    private void signal() {
        if (waiting > 0) {
            news.signalAll();
        }
    }

    /** Waits until anything has changed, the waiter is woken, an event for it is due or the deadline is reached. */
    void await(Waiter waiter, long deadline) {
        waiter.beginWait(deadline, version);
        waiting++;
        boolean interrupted = false;
        try {
            while (!isStirred(waiter)) {
                long horizon = horizon();
                if (horizon == VirtualClock.NEVER || isAnyStirred()) {
                    news.awaitUninterruptibly();
                } else if (isAnyBusy()) {
                    interrupted |= glance();
                } else {
                    clock.advanceTo(horizon);
                    signal();
                }
            }
        } finally {
            waiting--;
            waiter.endWait();
            // Who slept because this selector was about to run has to keep an eye on it from now on.
            signal();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Sleeps for a moment of real time. An interrupt is kept for later: it does not end a real kernel's wait either.
     */
    private boolean glance() {
        try {
            news.await(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
            return false;
        } catch (InterruptedException interrupt) {
            return true;
        }
    }

    /** Waits, in real time, until anything changes or somebody is woken. */
    void awaitNews(long nanos) {
        lock.lock();
        waiting++;
        try {
            news.awaitNanos(nanos);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for other threads", interrupt);
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    private long wakeTime(Waiter waiter) {
        return Math.min(waiter.deadline(), clock.nextFor(waiter));
    }

    private boolean isStirred(Waiter waiter) {
        return waiter.hasNews(version) || clock.now() >= wakeTime(waiter);
    }

    /** Tells whether a selector that still counts as waiting has been signalled but has not had the lock yet. */
    private boolean isAnyStirred() {
        for (Waiter waiter : waiters) {
            if (waiter.isWaiting() && isStirred(waiter)) {
                return true;
            }
        }
        return false;
    }

    private boolean isAnyBusy() {
        for (Waiter waiter : waiters) {
            if (waiter.isBusy(lock)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the earliest time that any waiting selector waits for. */
    private long horizon() {
        long earliest = VirtualClock.NEVER;
        for (Waiter waiter : waiters) {
            if (waiter.isWaiting()) {
                earliest = Math.min(earliest, wakeTime(waiter));
            }
        }
        return earliest;
    }
}
