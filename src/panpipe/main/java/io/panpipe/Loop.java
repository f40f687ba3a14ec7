/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.LoopOpener;
import io.panpipe.internal.kernel.LoopWatch;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.platform.Platform;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

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

    private final Kernel kernel;
    private final Selector selector;
    private final @Nullable LoopWatch watch;
    private final LoopBuffers buffers;
    private final long origin;
    private final TaskQueue tasks;
    private final boolean stoppable;

    final TimerQueue timers = new TimerQueue();
    final HandleList handleList;
    final CompletionQueue completions = new CompletionQueue();
    final Callbacks callbacks;
    final ThrownAway thrownAway;

    private final LoopOwner owner;
    private final Turns turns;
    private final @Nullable ForgottenLoop forgotten;
    private final Map<Object, Runnable> runFailures = new ConcurrentHashMap<>();
    private volatile boolean closed;
    private volatile boolean stopRequested;
    private volatile boolean givenUp;
    private boolean wasStopped;
    private long now;
    private int activeHandles;
    private int requests;

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
        this.kernel = kernel;
        // A kernel that does not block waits in no time, and its clock may stand still meanwhile.
        long busyPollNanos = kernel.blocksThread() ? options.busyPollNanos() : 0;
        try {
            selector = kernel.openSelector();
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
        CreationSites sites = options.creationSites() ? new CreationSites() : null;
        // A simulated handle has nothing of the system, and what a collector does is the same in no two runs.
        handleList = new HandleList(sites, sites != null && kernel.blocksThread() ? new HandleWatch(sites) : null);
        buffers = new LoopBuffers(selector);
        tasks = new TaskQueue(selector);
        stoppable = options.stoppable();
        origin = kernel.nanoTime();
        watch = selector.watch();
        owner = new LoopOwner(kernel, watch);
        callbacks = new Callbacks(this, buffers, watch);
        thrownAway = new ThrownAway(this, watch);
        turns = new Turns(this, busyPollNanos);
        selector.servedLoop(new SteppedLoop(this));
        OpenLoops.add(this);
        // A simulated loop has nothing of the system.
        forgotten = kernel.blocksThread() ? ForgottenLoop.watch(this) : null;
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
        if (closed) {
            throw new IllegalStateException("this loop is closed");
        }
        if (givenUp) {
            throw new IllegalStateException("this loop was given up");
        }
        owner.begin();
        boolean failed = false;
        try {
            updateTime();
            turns.begin();
            failed = true;
            // Of a loop that nothing keeps alive, there may be no turn.
            handleList.sweep(this);
            if (mode == RunMode.DEFAULT && !stopRequested) {
                timers.runDue(this);
                callbacks.throwFatal();
            }
            boolean alive = alive();
            while (alive && !stopRequested) {
                turns.run(mode);
                callbacks.throwFatal();
                alive = alive();
                if (mode != RunMode.DEFAULT) {
                    break;
                }
            }
            failed = false;
            return alive;
        } finally {
            // Also where the handler of uncaught exceptions ends the run: the next one is not to be stopped for it.
            wasStopped = stopRequested;
            stopRequested = false;
            turns.end();
            owner.leave();
            if (failed) {
                tellRunFailed();
            }
        }
    }

    private void tellRunFailed() {
        for (Runnable told : runFailures.values()) {
            try {
                told.run();
            } catch (Throwable thrown) {
                // The next ones wait, too, and what has ended the run is what it throws.
                callbacks.uncaught(thrown);
            }
        }
    }

    /**
     * Makes {@link #run()} return after the turn it is in; called before it runs, it returns at once. May be called from
     * any thread.
     *
     * @throws IllegalStateException if the loop runs for others as well ({@link LoopOptions#stoppable})
     */
    public void stop() {
        if (!stoppable) {
            throw new IllegalStateException("this loop runs for others as well, and nobody stops it: make one of your own");
        }
        stopAnyway();
    }

    /** As {@link #stop}, also where that is not allowed. */
    void stopAnyway() {
        stopRequested = true;
        tasks.wake();
    }

    /**
     * Tells whether something keeps {@link #run()} going: an active and referenced handle, a pending request, a handle
     * that is closing, or a queued task.
     *
     * @return whether the loop is alive
     */
    public boolean alive() {
        checkThread();
        return isAlive();
    }

    /** Answers as {@link #alive()}, from any thread. */
    boolean isAlive() {
        return activeHandles > 0 || requests > 0 || !completions.isEmpty() || handleList.hasClosing() || !tasks.isEmpty();
    }

    boolean isRunning() {
        return owner.isRunning();
    }

    boolean isClosing() {
        return owner.isClosing();
    }

    /**
     * Stops the loop for good: it refuses to run again, and its close ends though something never does. For watchdogs of
     * tests, which find it by {@link OpenLoops}. From any thread.
     */
    void giveUp() {
        givenUp = true;
        stopAnyway();
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Tells whether the last run ended because it was told to. */
    boolean wasStopped() {
        return wasStopped;
    }

    /** Tells whether a turn is not to wait because the run is to end; a loop that is being closed waits all the same. */
    boolean isStopRequested() {
        return stopRequested && !owner.isClosing();
    }

    /**
     * Returns the loop's time: read from the clock once a turn, so that it is cheap and the same for a whole turn.
     *
     * @return milliseconds since the loop was made
     */
    public long now() {
        checkThread();
        return now / NANOS_PER_MILLI;
    }

    /** Reads the clock again, for a callback that has worked so long that {@link #now} is too old. */
    public void updateTime() {
        checkThread();
        readClock();
    }

    /** Reads the clock again, on the thread that runs the loop; returns the new time in nanoseconds. */
    long readClock() {
        now = clockNanos();
        return now;
    }

    /** Returns what the clock says now, in nanoseconds since the loop was made. */
    long clockNanos() {
        return kernel.nanoTime() - origin;
    }

    /** Returns the loop's time in nanoseconds since it was made. */
    long nanos() {
        return now;
    }

    /** Returns the time that a timeout counts from: outside of a turn, the clock's, for the last turn may be long ago. */
    long freshNanos() {
        if (!owner.isRunning()) {
            updateTime();
        }
        return now;
    }

    /**
     * Returns the handles of this loop that are not closed yet.
     *
     * @return a list of its own, in the order in which the handles were made
     */
    public List<Handle> handles() {
        checkThread();
        return handleList.toList();
    }

    /**
     * Runs a task on the loop's thread, soon; from any thread, in order. A queued task keeps {@link #run()} going.
     *
     * @param task the task; what it throws goes to the uncaught-exception handler
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        tasks.add(Objects.requireNonNull(task, "task"));
    }

    /**
     * Checks that the calling thread may wait for this loop to do something: that another thread runs it at the moment.
     * Made for what blocks a thread until a callback has come. May be called from any thread.
     *
     * @throws IllegalStateException if the wait would have no end: nobody runs this loop, this thread does, or the loop is
     *     a simulated one, whose time stands still meanwhile; the message says what to do instead
     */
    public void requireRunningElsewhere() {
        owner.requireRunningElsewhere();
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
        // Who gives the same twice is told twice.
        Object key = new Object();
        runFailures.put(key, Objects.requireNonNull(told, "told"));
        return () -> runFailures.remove(key);
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
        return owner.runsHere();
    }

    /**
     * Sets who receives what callbacks and tasks throw, and failures of requests that had no callback. At first they go
     * to {@link System.Logger} {@code io.panpipe} as errors, sixteen in a row and one a second; but that the other end is gone
     * (EPIPE, ECONNRESET) is a detail (DEBUG) there, which {@link LoopMetrics#lostWrites} counts.
     *
     * @param handler the handler
     */
    public void uncaughtExceptionHandler(LoopExceptionHandler handler) {
        checkThread();
        callbacks.uncaughtExceptionHandler(Objects.requireNonNull(handler, "handler"));
    }

    /**
     * Returns what the loop has done so far. May be called from any thread.
     *
     * @return the counts of this moment
     */
    public LoopMetrics metrics() {
        return turns.counters().metrics(clockNanos());
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
        return LoopDump.of(this);
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
        StringBuilder all = new StringBuilder();
        for (Loop loop : OpenLoops.all()) {
            all.append(LoopDump.of(loop));
        }
        return all.toString();
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
        checkThread();
        if (closed) {
            return;
        }
        if (owner.isRunning()) {
            throw new IllegalStateException("this loop runs: call stop(), and close() when run() has returned");
        }
        owner.beginClose();
        try {
            turns.runToClose();
        } catch (Throwable failed) {
            endAfter(failed);
            throw failed;
        }
        end();
        thrownAway.tellRest();
        callbacks.tellOmitted();
        callbacks.retryLog();
        callbacks.throwFatal();
    }

    /** Ends the loop although the system refuses to wait for what it has begun. */
    private void endAfter(Throwable failed) {
        try {
            turns.abandon();
        } catch (Throwable further) {
            failed.addSuppressed(further);
        }
        try {
            end();
        } catch (Throwable further) {
            failed.addSuppressed(further);
        }
    }

    private void end() {
        turns.end();
        owner.leave();
        closed = true;
        OpenLoops.remove(this);
        if (forgotten != null) {
            forgotten.closed();
        }
        selector.close();
    }

    // What handles need of their loop.

    Selector selector() {
        return selector;
    }

    Kernel kernel() {
        return kernel;
    }

    LoopBuffers buffers() {
        return buffers;
    }

    TaskQueue tasks() {
        return tasks;
    }

    LoopOwner owner() {
        return owner;
    }

    LoopCounters counters() {
        return turns.counters();
    }

    boolean isClosed() {
        return closed;
    }

    int activeHandles() {
        return activeHandles;
    }

    int requests() {
        return requests;
    }

    void checkThread() {
        owner.check();
    }

    void checkOpen() {
        checkThread();
        if (tasks.isClosed()) {
            throw new IllegalStateException(
                    closed ? "this loop is closed" : "this loop is being closed, and takes no new handles any more");
        }
    }

    /** Counts active and referenced handles: each keeps the loop alive. */
    void activeHandles(int change) {
        activeHandles += change;
    }

    /** Counts pending requests: each keeps the loop alive, whether its handle is referenced or not. */
    void requests(int change) {
        requests += change;
    }

    @Nullable LoopWatch watch() {
        return watch;
    }
}
