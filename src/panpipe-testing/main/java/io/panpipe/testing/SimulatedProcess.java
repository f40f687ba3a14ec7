/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.internal.kernel.LoopOpener;
import io.panpipe.internal.simulated.SimulatedKernel;
import io.panpipe.internal.simulated.SimulatedMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of a simulated machine: its loops, its descriptors and its user are its own, so it can be killed or paused
 * while the others go on. All of them run on one thread of the JVM.
 *
 * @since 0.1
 */
public final class SimulatedProcess {

    private final SimulatedKernel kernel;
    private final SimulatedMachine machine;
    private final List<Loop> loops = new ArrayList<>(1);
    /** Counts pauses and their ends, so that a pause for a time ends no other. */
    private long pauses;

    SimulatedProcess(SimulatedKernel kernel) {
        this.kernel = kernel;
        machine = kernel.machine();
    }

    SimulatedKernel kernel() {
        return kernel;
    }

    /**
     * Returns the name that the trace calls it by.
     *
     * @return the name it was given
     */
    public String name() {
        return kernel.label();
    }

    /**
     * Makes a loop of this process. While any loop of the machine waits, it gets its turns.
     *
     * <p>What a callback throws ends the run that gave the loop its turn, so that a failed assertion fails the test;
     * the failure of a request that had no callback, which a loop would log, is noted in the trace. {@link
     * Loop#uncaughtExceptionHandler} changes both.
     *
     * @return the loop; it is closed with the machine
     */
    public Loop loop() {
        if (kernel.isDead()) {
            throw new IllegalStateException("process " + name() + " was killed");
        }
        try {
            Loop loop = LoopOpener.open(Loop.class, kernel);
            loop.uncaughtExceptionHandler((itself, thrown) -> thrown(thrown));
            loops.add(loop);
            return loop;
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    private void thrown(Throwable thrown) throws Exception {
        if (machine.isUnclaimed(thrown)) {
            machine.note(name() + ": nobody had asked to be told: " + thrown.getMessage());
            return;
        }
        if (kernel.isDead()) {
            // What is left of its turn meets closed descriptors, which is nobody's fault.
            machine.note(name() + ", which was killed, threw " + thrown);
            return;
        }
        SimulatedHistory.addTo(thrown, machine);
        if (thrown instanceof Exception exception) {
            throw exception;
        }
        throw (Error) thrown;
    }

    /**
     * Kills this process as SIGKILL does: no code of its runs any more, its descriptors are closed, with them its ends
     * of connections, and the names that it bound stay behind. Handles that it sent to other processes live on there.
     *
     * <p>To run one of its loops is an {@code IllegalStateException} from then on. Closing them frees nothing and is
     * not needed.
     */
    public void kill() {
        kernel.kill();
    }

    /**
     * Sends a signal to this process: its {@link io.panpipe.Signal} handles for it are called back in their loops' next turns.
     * If it has none it is killed, as {@link #kill} does, unless the signal does nothing by itself (CHLD, CONT, URG, WINCH).
     *
     * @param number Linux's number, as {@link io.panpipe.Signal#TERM}; nothing happens if the process was killed
     * @throws IllegalArgumentException if there is no such signal
     */
    public void signal(int number) {
        kernel.signal(number);
    }

    /** Gives the loops of this process no more turns until {@link #resume}; what is sent to it waits in the system. */
    public void pause() {
        pauses++;
        kernel.pause(true);
    }

    /**
     * Gives the loops of this process no more turns for a time; if it is paused already, from now on for that time.
     *
     * @param time of the machine's clock, zero or more
     */
    public void pause(Duration time) {
        io.panpipe.testing.SimulatedKernel.checkNotNegative(time);
        pause();
        long mine = pauses;
        machine.schedule(time.toNanos(), () -> {
            if (pauses == mine) {
                resume();
            }
        });
    }

    /** Lets a paused process go on. */
    public void resume() {
        pauses++;
        kernel.pause(false);
    }

    /**
     * Sets how many descriptors it may have open at once, as setrlimit(2) does: what is beyond is EMFILE.
     *
     * @param count 0 or more; what is open stays open
     */
    public void descriptorLimit(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("a negative number of descriptors: " + count);
        }
        kernel.descriptorLimit(count);
    }

    /**
     * Returns how many descriptors it has open.
     *
     * @return those of its handles, and those that were detached or received and not accepted
     */
    public int openDescriptors() {
        return kernel.openDescriptors();
    }

    /** Lists what is left open in its loops. */
    void addLeaks(List<String> leaks) {
        if (kernel.isDead()) {
            return;
        }
        for (Loop loop : loops) {
            for (Handle handle : loop.handles()) {
                leaks.add(handle + " of process " + name() + (handle.closed()
                        ? " is closed, but the loop has not run since, so its callbacks never ran"
                        : handle.active() ? " is open, and callbacks of its may never have run" : " is open"));
            }
        }
    }

    /** Returns the loops that closing frees something of, and lets them run. */
    List<Loop> loopsToClose() {
        if (kernel.isDead()) {
            return List.of();
        }
        resume();
        return loops;
    }

    @Override
    public String toString() {
        return "process " + name();
    }
}
