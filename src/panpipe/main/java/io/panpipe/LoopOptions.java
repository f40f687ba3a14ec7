/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.time.Duration;

/**
 * What may be chosen for a {@link Loop} when it is made. Immutable: each method that sets something returns other options.
 *
 * @since 0.1
 */
public final class LoopOptions {

    private static final LoopOptions DEFAULTS = new LoopOptions(0, false, true);
    private static final long MOST_BUSY_POLL_NANOS = 1_000_000_000;

    private final long busyPollNanos;
    private final boolean creationSites;
    private final boolean stoppable;

    private LoopOptions(long busyPollNanos, boolean creationSites, boolean stoppable) {
        this.busyPollNanos = busyPollNanos;
        this.creationSites = creationSites;
        this.stoppable = stoppable;
    }

    /**
     * Returns what {@link Loop#Loop()} uses: no busy-polling, no creation sites, stoppable.
     *
     * @return the defaults
     */
    public static LoopOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets how long the loop asks the system again and again for events before it sleeps until there is one.
     *
     * <p>Falling asleep and being woken costs tens of microseconds. A loop that polls busily answers without that delay if
     * the next event comes soon, and needs no system call to be woken by {@link Loop#execute}; in return it keeps its CPU
     * busy for that long whenever it runs out of work. It pays where a conversation goes back and forth and a CPU is free
     * for it; never with more busy loops than CPUs. The simulated kernel, where waiting takes no time, ignores it.
     *
     * @param duration how long after its last event; zero, the default, sleeps at once; at most a second; rounded down to
     *     nanoseconds
     * @return these options with that changed
     * @throws IllegalArgumentException if the duration is negative or longer than a second
     */
    public LoopOptions busyPoll(Duration duration) {
        if (duration.isNegative() || duration.compareTo(Duration.ofNanos(MOST_BUSY_POLL_NANOS)) > 0) {
            throw new IllegalArgumentException("busy-poll for 0 to 1 s, not " + duration);
        }
        return new LoopOptions(duration.toNanos(), creationSites, stoppable);
    }

    /**
     * Returns how long the loop polls busily before it sleeps.
     *
     * @return zero unless it was set
     */
    public Duration busyPoll() {
        return Duration.ofNanos(busyPollNanos);
    }

    /**
     * Sets whether the loop remembers where each of its handles was made, for {@link Loop#dump}, and where it was made itself,
     * for the log's warning of a loop that was forgotten: to find who forgets to close them. It costs some microseconds and a
     * stack trace's memory for each handle, so it is off at first.
     *
     * <p>Such a loop also finds handles that were forgotten while it lives: of which nothing can come any more, because they are
     * neither closed nor active, nobody waits for their close, and nobody refers to them. The garbage collector finds them; in a
     * turn after that, or when it is run again, the loop closes what such a handle has of the system and tells the log as a warning
     * what it was and where it was made. Other loops keep what a forgotten handle has until they are closed.
     *
     * @param remembered whether it does
     * @return these options with that changed
     */
    public LoopOptions creationSites(boolean remembered) {
        return new LoopOptions(busyPollNanos, remembered, stoppable);
    }

    /**
     * Tells whether the loop remembers where its handles were made.
     *
     * @return false unless it was set
     */
    public boolean creationSites() {
        return creationSites;
    }

    /**
     * Sets whether {@link Loop#stop} is allowed, as it is at first. A loop that works for several users, who do not know of
     * each other, is not to be stopped by one of them; it ends when nothing keeps it alive.
     *
     * @param allowed whether it is
     * @return these options with that changed
     * @since 0.1
     */
    public LoopOptions stoppable(boolean allowed) {
        return new LoopOptions(busyPollNanos, creationSites, allowed);
    }

    /**
     * Tells whether the loop can be stopped.
     *
     * @return true unless it was set
     * @since 0.1
     */
    public boolean stoppable() {
        return stoppable;
    }

    long busyPollNanos() {
        return busyPollNanos;
    }
}
