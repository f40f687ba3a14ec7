/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.LoopOpener;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.LoopCounters;
import io.panpipe.internal.platform.Platform;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * An event loop: one thread that waits for pipes, timers and other threads, and calls back.
 *
 * <p>A loop belongs to the thread that created it and then to the one that runs it; its handles with it. {@link
 * #execute}, {@link #stop}, {@link #requireRunningElsewhere}, {@link #onRunFailure}, {@link #runsHere}, {@link #metrics}, {@link #dump}, {@link
 * Async#send} and {@link Pipe#releaseName} are the only calls for other threads, all others then throw {@link WrongThreadException}. Once a loop does not run and its
 * thread has ended, the next thread that uses it owns it.
 *
 * <p>One turn goes as in libuv: completions of requests, then waiting for and dispatching events, tasks from other
 * threads, completions again, close callbacks, timers. Callbacks never run inside the call that asked for them.
 *
 * <p>A real loop refuses to run on a virtual thread: it waits inside a native call, which would pin the carrier.
 *
 * @since 0.1
 */
public final class Loop implements Executor, AutoCloseable {

    private static final long NANOS_PER_MILLI = 1_000_000;

    static {
        LoopOpener.install(Loop::new);
    }

    private final LoopCore core;

    /**
     * Makes a loop of the operating system this program runs on; it belongs to the calling thread until it is run.
     *
     * @throws PanpipeException if the system refuses the descriptors it needs (EMFILE, ENFILE)
     * @throws UnsupportedOperationException if there is no kernel for this system
     * @throws IllegalCallerException if the JVM was told to deny native access; the message names the option
     */
    public Loop() throws PanpipeException {
        this(LoopOptions.defaults());
    }

    /**
     * Makes a loop with options of its own; otherwise as {@link #Loop()}.
     *
     * @param options what was chosen for it
     * @throws PanpipeException if the system refuses the descriptors it needs (EMFILE, ENFILE)
     * @throws UnsupportedOperationException if there is no kernel for this system
     * @throws IllegalCallerException if the JVM was told to deny native access; the message names the option
     */
    public Loop(LoopOptions options) throws PanpipeException {
        this(Platform.kernel(), options);
    }

    Loop(Kernel kernel) throws PanpipeException {
        this(kernel, LoopOptions.defaults());
    }

    Loop(Kernel kernel, LoopOptions options) throws PanpipeException {
        try {
            core = new LoopCore(kernel, UserCode.ENTRY, this, options.busyPollNanos(), options.creationSites(),
                    options.stoppable());
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
    }

    /** Returns what the engine has of a loop. */
    static LoopCore coreOf(Loop loop) {
        return Objects.requireNonNull(loop, "loop").core;
    }

    /** Returns what the engine has of this loop. */
    LoopCore core() {
        return core;
    }

    /**
     * Runs the loop until nothing keeps it alive, or until {@link #stop}.
     *
     * @return whether something still keeps the loop alive, as is possible after {@link #stop}
     * @throws IllegalStateException if the loop runs already, is closed, or this is a virtual thread
     */
    public boolean run() {
        return run(RunMode.DEFAULT);
    }

    /**
     * Runs the loop; it belongs to the calling thread from now on. An interrupt of that thread does not end this, nor a wait
     * for events: the thread stays interrupted, which callbacks see, and {@link #stop} is what ends it.
     *
     * @param mode how long
     * @return whether something still keeps the loop alive: run it again
     * @throws IllegalStateException if the loop runs already, is closed, or this is a virtual thread
     */
    public boolean run(RunMode mode) {
        Objects.requireNonNull(mode, "mode");
        return core.run(mode == RunMode.DEFAULT, mode != RunMode.NOWAIT);
    }

    /**
     * Makes {@link #run()} return after the turn it is in; called before it runs, it returns at once. May be called from
     * any thread.
     *
     * @throws IllegalStateException if the loop runs for others as well ({@link LoopOptions#stoppable})
     */
    public void stop() {
        core.stop();
    }

    /**
     * Tells whether something keeps {@link #run()} going: an active and referenced handle, a pending request, a handle
     * that is closing, or a queued task.
     *
     * @return whether the loop is alive
     */
    public boolean alive() {
        core.checkThread();
        return core.isAlive();
    }

    /**
     * Returns the loop's time: read from the clock once a turn, so that it is cheap and the same for a whole turn.
     *
     * @return milliseconds since the loop was made
     */
    public long now() {
        core.checkThread();
        return core.nanos() / NANOS_PER_MILLI;
    }

    /** Reads the clock again, for a callback that has worked so long that {@link #now} is too old. */
    public void updateTime() {
        core.checkThread();
        core.readClock();
    }

    /**
     * Returns the handles of this loop that are not closed yet.
     *
     * @return a list of its own, in the order in which the handles were made
     */
    public List<Handle> handles() {
        core.checkThread();
        return core.openHandles(Handle.class);
    }

    /**
     * Runs a task on the loop's thread, soon; from any thread, in order. A queued task keeps {@link #run()} going.
     *
     * @param task the task; what it throws goes to the uncaught-exception handler
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        core.execute(Objects.requireNonNull(task, "task"));
    }

    /**
     * Checks that the calling thread may wait for this loop to do something: that another thread runs it at the moment.
     * Made for what blocks a thread until a callback has come. May be called from any thread.
     *
     * @throws IllegalStateException if the wait would have no end: nobody runs this loop, this thread does, or the loop is
     *     a simulated one, whose time stands still meanwhile; the message says what to do instead
     */
    public void requireRunningElsewhere() {
        core.requireRunningElsewhere();
    }

    /**
     * Sets who is told whenever {@link #run()} has thrown, and what was to be done by it is not done unless somebody runs the
     * loop again. Made, as {@link #requireRunningElsewhere} is, for what blocks a thread until a callback has come. May be
     * called from any thread.
     *
     * @param told called on the thread that has run the loop, which does not run any more; it must not throw
     * @return by closing it, from any thread, nobody is told any more
     * @since 0.1
     */
    public Registration onRunFailure(Runnable told) {
        Runnable end = core.onRunFailure(Objects.requireNonNull(told, "told"));
        return end::run;
    }

    /**
     * What ends {@link #onRunFailure}.
     *
     * @since 0.1
     */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Tells whether the calling thread runs this loop at the moment, so that it is in a callback or task of it. May be
     * called from any thread.
     *
     * @return whether it does
     * @since 0.1
     */
    public boolean runsHere() {
        return core.runsHere();
    }

    /**
     * Sets who receives what callbacks and tasks throw, and failures of requests that had no callback. At first they go
     * to {@link System.Logger} {@code io.panpipe} as errors, sixteen in a row and one a second; but that the other end is gone
     * (EPIPE, ECONNRESET) is a detail (DEBUG) there, which {@link LoopMetrics#lostWrites} counts.
     *
     * @param handler the handler
     */
    public void uncaughtExceptionHandler(LoopExceptionHandler handler) {
        core.checkThread();
        core.uncaughtExceptionHandler(Objects.requireNonNull(handler, "handler"));
    }

    /**
     * Returns what the loop has done so far. May be called from any thread.
     *
     * @return the counts of this moment
     */
    public LoopMetrics metrics() {
        LoopCounters counters = core.counters();
        return new LoopMetrics(
                counters.iterations(), counters.events(), counters.idleNanos(core.clockNanos()), counters.lostWrites());
    }

    /**
     * Writes down what the loop is doing, and its handles: flags (R referenced, A active, C closing), a number that
     * events of Flight Recorder show as well, what the handle is doing, its queue and bytes, and where it was made, if
     * {@link LoopOptions#creationSites} was asked for. The format may change.
     *
     * <p>May be called from any thread, and waits for none: the loop to be looked at may be the one that is stuck. From
     * another thread than the loop's own, the stack of that one is added, and what a busy loop changes meanwhile may be
     * missing or out of date; {@code execute(() -> ... dump())} gives an exact one.
     *
     * @return lines of text
     */
    public String dump() {
        return core.dump();
    }

    /**
     * Writes down what every loop of this JVM is doing that is not closed, as {@link #dump} does for one: what a watchdog
     * prints, which has come upon a program that hangs and knows none of its loops. The loops come in no order, and those
     * that nobody refers to any more may be missing.
     *
     * <p>May be called from any thread, and waits for none of the loops.
     *
     * @return lines of text; none if no loop is open
     * @since 0.1
     */
    public static String dumpAll() {
        return LoopCore.dumpAll();
    }

    /**
     * Closes every handle that is left, runs the loop until all are closed and no task is queued, and frees the loop's
     * memory. Idempotent. Writes that are still queued are tried once more and then cancelled. Handles that callbacks open
     * and tasks that they queue meanwhile are closed and run as well; after a hundred turns both are refused.
     *
     * @throws IllegalStateException if the loop runs: stop it first
     */
    @Override
    public void close() {
        core.checkThread();
        core.close();
    }
}
