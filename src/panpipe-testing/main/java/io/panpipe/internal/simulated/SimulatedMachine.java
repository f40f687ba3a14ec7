/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.List;

/**
 * What all processes of a simulated machine share, as a test sees it: turns and time, faults, links, and the history.
 */
public final class SimulatedMachine {

    private final World world;

    SimulatedMachine(World world) {
        this.world = world;
    }

    private Stepper stepper() {
        Stepper stepper = world.stepper();
        if (stepper == null) {
            throw new IllegalStateException("each loop of this machine has a thread of its own");
        }
        return stepper;
    }

    /**
     * Gives all loops turns until nothing more happens, or a time is over.
     *
     * @param nanos how long, or a negative number for no end
     * @param turns how many turns at the most
     * @return whether a loop is still alive
     */
    public boolean run(long nanos, long turns) {
        return stepper().run(world.clock().after(nanos), turns);
    }

    /** Sets how long to wait for other threads, in real time, before nothing can happen any more. */
    public void waitForThreads(long nanos) {
        stepper().patience(nanos);
    }

    /** Returns the time since the machine was made, in nanoseconds. */
    public long nanos() {
        return world.clock().elapsed();
    }

    /** Has something happen at a time. */
    public void schedule(long delayNanos, Runnable action) {
        world.run(() -> world.clock().schedule(delayNanos, null, action));
    }

    /** Adds a fault. */
    public void add(FaultRule rule) {
        world.run(() -> world.faults().add(rule));
    }

    /** Takes a fault back. */
    public void remove(FaultRule rule) {
        world.run(() -> world.faults().remove(rule));
    }

    /** Returns how often a fault has happened. */
    public long happened(FaultRule rule) {
        return world.call(rule::happened);
    }

    /** Returns how the connections with a server are. */
    public Link linkTo(String name) {
        return world.call(() -> world.links().to(name));
    }

    /** Changes a link, or whatever else is guarded by the machine's lock. */
    public void change(Runnable change) {
        world.run(change::run);
    }

    /** Notes a line of the test's own in the history. */
    public void note(String text) {
        world.run(() -> world.trace().add("note", text, ""));
    }

    /** Returns the last lines of the history. */
    public String trace(int lines) {
        return world.call(() -> world.trace().text(lines));
    }

    /** Returns how to come here again, and what happened last. */
    public String history() {
        return world.history();
    }

    /** Returns what was done that must not be done. */
    public List<String> misuses() {
        return world.misuses();
    }

    /** Returns those of them that no run has ended for, and ends none for them any more. */
    public List<String> takeMisuses() {
        return world.takeMisuses();
    }

    /** Tells whether an exception is the failure of a request that had no callback, rather than thrown by user code. */
    public boolean isUnclaimed(Throwable thrown) {
        return world.isUnclaimed(thrown);
    }

    /** Sets how long a callback may take, in real time, before that is a misuse. */
    public void longestCallback(long nanos) {
        world.longestCallback(nanos);
    }

    /** Sets whether buffers given to write are checked for changes. */
    public void watchWrites(boolean on) {
        world.watchWrites(on);
    }
}
