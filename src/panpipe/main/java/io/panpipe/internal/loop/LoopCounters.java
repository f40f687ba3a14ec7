/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.concurrent.atomic.AtomicLong;

/** What a loop has done so far: counted by its own thread without a fence, read by any. */
public final class LoopCounters {

    private final AtomicLong iterations = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong lostWrites = new AtomicLong();

    /**
     * Time spent waiting, doubled. While the loop waits, it is that time less the time at which the wait began, doubled,
     * and 1: so one store says all there is to say, and no reader counts a wait twice or not at all.
     */
    private final AtomicLong idle = new AtomicLong();

    private long idleNanos;
    private long waitingSince;

    /** Counts a turn. */
    void turn() {
        iterations.setRelease(iterations.getPlain() + 1); // with acquire by iterations
    }

    /** Returns how many turns there were. From any thread. */
    public long iterations() {
        return iterations.getAcquire(); // with release by turn
    }

    /** Counts events that the system has reported. */
    void events(int ready) {
        events.setRelease(events.getPlain() + ready); // with acquire by events
    }

    /** Counts a write without a callback that has failed because the other end is gone. */
    void lostWrite() {
        lostWrites.setRelease(lostWrites.getPlain() + 1); // with acquire by lostWrites
    }

    /** The loop begins to wait. */
    void waits(long now) {
        waitingSince = now;
        idle.setRelease((idleNanos - now) << 1 | 1); // with acquire by isWaiting and idleNanos
    }

    /** The loop has waited. */
    void woke(long now) {
        idleNanos += now - waitingSince;
        idle.setRelease(idleNanos << 1); // with acquire by isWaiting and idleNanos
    }

    /** Tells whether the loop waits at the moment. */
    boolean isWaiting() {
        return (idle.getAcquire() & 1) != 0; // with release by waits and woke
    }

    /** Returns how many events there were. From any thread. */
    public long events() {
        return events.getAcquire(); // with release by events
    }

    /** Returns how many writes without a callback have failed because the other end was gone. From any thread. */
    public long lostWrites() {
        return lostWrites.getAcquire(); // with release by lostWrite
    }

    /** Returns the time spent waiting, the present wait included. From any thread. */
    public long idleNanos(long now) {
        long present = idle.getAcquire(); // with release by waits and woke
        return (present >> 1) + ((present & 1) == 0 ? 0 : now);
    }
}
