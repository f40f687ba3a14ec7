/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.LoopWatch;
import io.panpipe.internal.kernel.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A loop: its parts, its time, and how long it is alive. What users hold is the front's, known here as an object.
 *
 * <p>Where nothing else is said, methods are for the loop's thread and check nothing: that is for the front to do.
 */
public final class LoopCore {

    private final Kernel kernel;
    private final Front front;
    private final Object loop;
    private final Selector selector;
    private final @Nullable LoopWatch watch;
    private final LoopBuffers buffers;
    private final long origin;
    private final TaskQueue tasks;
    private final boolean stoppable;
    private final TimerQueue timers = new TimerQueue();
    private final HandleList handles;
    private final Due due;
    private final UncaughtExceptions uncaught;
    private final ThrownAway thrownAway;
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
     * Makes a loop of the calling thread.
     *
     * @param loop what users hold
     * @param busyPollNanos how long to ask for events again and again before sleeping, 0 for not at all
     * @param remembersSites whether it remembers where handles are made
     * @param stoppable whether {@link #stop} is allowed
     * @throws KernelException if the system refuses what a loop needs
     */
    public LoopCore(
            Kernel kernel, Front front, Object loop, long busyPollNanos, boolean remembersSites, boolean stoppable)
            throws KernelException {
        this.kernel = kernel;
        this.front = front;
        this.loop = loop;
        this.stoppable = stoppable;
        selector = kernel.openSelector();
        CreationSites sites = remembersSites ? new CreationSites() : null;
        // A simulated handle has nothing of the system, and what a collector does is the same in no two runs.
        handles = new HandleList(sites, sites != null && kernel.blocksThread() ? new HandleWatch(sites) : null);
        buffers = new LoopBuffers(selector);
        tasks = new TaskQueue(selector);
        origin = kernel.nanoTime();
        watch = selector.watch();
        due = new Due(watch);
        owner = new LoopOwner(kernel, watch);
        uncaught = new UncaughtExceptions(this, watch);
        thrownAway = new ThrownAway(this, watch);
        // A kernel that does not block waits in no time, and its clock may stand still meanwhile.
        turns = new Turns(this, kernel.blocksThread() ? busyPollNanos : 0);
        selector.servedLoop(turns);
        OpenLoops.add(this);
        // A simulated loop has nothing of the system.
        forgotten = kernel.blocksThread() ? ForgottenLoop.watch(this) : null;
    }

    /** Loads what tells of a shortage of descriptors: without one left, no class file can be opened. */
    public static void prepareForShortage() {
        UserLog.prepare();
        FlightReport.prepare();
    }

    /**
     * Runs the loop on this thread, which owns it from now on.
     *
     * @param untilDone whether turn after turn, until nothing keeps the loop alive or it is stopped, rather than one
     * @param mayWait whether a turn may wait for an event
     * @return whether something still keeps the loop alive
     */
    public boolean run(boolean untilDone, boolean mayWait) {
        if (closed) {
            throw new IllegalStateException("this loop is closed");
        }
        if (givenUp) {
            throw new IllegalStateException("this loop was given up");
        }
        owner.begin();
        boolean failed = false;
        try {
            readClock();
            turns.begin();
            failed = true;
            // Of a loop that nothing keeps alive, there may be no turn.
            handles.sweep(this);
            if (untilDone && !stopRequested) {
                timers.runDue(this);
                uncaught.throwFatal();
            }
            boolean alive = isAlive();
            while (alive && !stopRequested) {
                turns.run(mayWait);
                uncaught.throwFatal();
                alive = isAlive();
                if (!untilDone) {
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
                uncaught(thrown);
            }
        }
    }

    /** Has somebody told whenever a run has thrown; returns what ends that. From any thread. */
    public Runnable onRunFailure(Runnable told) {
        // Who gives the same twice is told twice.
        Object key = new Object();
        runFailures.put(key, told);
        return () -> runFailures.remove(key);
    }

    /** Makes the run return after the turn it is in. From any thread. */
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

    /** Tells whether something keeps the loop going. From any thread. */
    public boolean isAlive() {
        return activeHandles > 0 || requests > 0 || due.hasUntold() || handles.hasClosing() || !tasks.isEmpty();
    }

    public boolean isRunning() {
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

    /** Reads the clock again; returns the new time in nanoseconds. */
    public long readClock() {
        now = clockNanos();
        return now;
    }

    /** Returns what the clock says now, in nanoseconds since the loop was made. From any thread. */
    public long clockNanos() {
        return kernel.nanoTime() - origin;
    }

    /** Returns the loop's time in nanoseconds since it was made, as it was read last. */
    public long nanos() {
        return now;
    }

    /** Returns the time that a timeout counts from: outside of a turn, the clock's, for the last turn may be long ago. */
    public long freshNanos() {
        return owner.isRunning() ? now : readClock();
    }

    /** Runs a task on the loop's thread, soon. From any thread. */
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Refuses a thread that wants to wait for this loop, where that would be for ever. From any thread. */
    public void requireRunningElsewhere() {
        owner.requireRunningElsewhere();
    }

    /** Tells whether the calling thread runs the loop. From any thread. */
    public boolean runsHere() {
        return owner.runsHere();
    }

    /** Writes down what the loop is doing, and its handles. From any thread. */
    public String dump() {
        return LoopDump.of(this);
    }

    /** Writes down what every loop is doing that is not closed. From any thread. */
    public static String dumpAll() {
        StringBuilder all = new StringBuilder();
        for (LoopCore open : OpenLoops.all()) {
            all.append(open.dump());
        }
        return all.toString();
    }

    /** Closes every handle, runs the loop until all are closed and no task is queued, and frees its memory. Idempotent. */
    public void close() {
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
        uncaught.tellOmitted();
        UserLog.retry();
        uncaught.throwFatal();
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

    // The parts.

    public Kernel kernel() {
        return kernel;
    }

    public Selector selector() {
        return selector;
    }

    /** Returns who has the user's words, and enters the user's code. */
    public Front front() {
        return front;
    }

    /** Returns what users hold. */
    public Object loop() {
        return loop;
    }

    public LoopBuffers buffers() {
        return buffers;
    }

    public TimerQueue timers() {
        return timers;
    }

    public LoopCounters counters() {
        return turns.counters();
    }

    /** Returns who watches over the use of the loop, or null where nobody does. */
    public @Nullable LoopWatch watch() {
        return watch;
    }

    TaskQueue tasks() {
        return tasks;
    }

    LoopOwner owner() {
        return owner;
    }

    HandleList handles() {
        return handles;
    }

    /** Returns what is due before the loop waits again. */
    public Due due() {
        return due;
    }

    boolean isClosed() {
        return closed;
    }

    /** Returns what users hold of the handles that are not closed yet, in the order in which they were made. */
    public <H> List<H> openHandles(Class<H> type) {
        List<H> open = new ArrayList<>();
        for (HandleCore handle : handles.toList()) {
            open.add(type.cast(handle.handle()));
        }
        return open;
    }

    // Checks and counts.

    /** Refuses a thread that is not the loop's. */
    public void checkThread() {
        owner.check();
    }

    /** Checks the thread, and that the loop takes new handles. */
    public void checkOpen() {
        checkThread();
        if (tasks.isClosed()) {
            throw new IllegalStateException(
                    closed ? "this loop is closed" : "this loop is being closed, and takes no new handles any more");
        }
    }

    int activeHandles() {
        return activeHandles;
    }

    int requests() {
        return requests;
    }

    /** Counts active and referenced handles: each keeps the loop alive. */
    void activeHandles(int change) {
        activeHandles += change;
    }

    /** Counts pending requests: each keeps the loop alive, whether its handle is referenced or not. */
    public void requests(int change) {
        requests += change;
    }

    // What is told, and sent, when the user's code has returned.

    /** Sends what was written since the last time. After each callback and task. */
    public void sendWritten() {
        try {
            due.send();
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
    }

    /** Sets the user's handler of what callbacks and tasks throw. */
    public void uncaughtExceptionHandler(Object handler) {
        uncaught.handler(handler);
    }

    /** Tells of what a callback or task threw, or the loop's own work. */
    public void uncaught(Throwable thrown) {
        uncaught.handle("a callback or task threw", thrown);
    }

    /** Tells of a request that failed and had no callback, unless that is for no more than a close. */
    public void unclaimed(Failure failure) {
        if (!failure.isCancellation()) {
            uncaught.unclaimed(failure);
        }
    }

    /** Tells the user of something that no callback tells. */
    public void warn(String text) {
        uncaught.warn(text);
    }

    /** A close has thrown away so many bytes of a stream that nobody asked to be told of. */
    public void threwAway(HandleCore stream, long bytes) {
        thrownAway.add(stream, bytes);
    }

    /** Tells what could not be told before, for want of descriptors. */
    public void retryLog() {
        UserLog.retry();
    }
}
