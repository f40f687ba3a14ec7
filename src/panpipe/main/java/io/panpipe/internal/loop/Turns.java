/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.events.TurnRecorder;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.LoopTurns;
import io.panpipe.internal.kernel.Selector;
import java.io.UncheckedIOException;

/**
 * Gives a loop its turns: what is done in which order, as in libuv, and the wait for events in the middle, asleep or
 * asking again and again. Counts and records them.
 *
 * <p>A kernel that lets many loops share one thread drives a loop through this, too.
 */
final class Turns implements LoopTurns {

    /** Rounds of completions after polling, as in libuv: bounded, since each round may ask for more. */
    private static final int COMPLETION_ROUNDS = 8;

    /** So many turns a closing loop gives tasks that queue tasks, and callbacks that open handles, before it refuses both. */
    private static final int TURNS_AT_CLOSE = 100;

    private final LoopCore loop;
    private final Selector selector;
    private final TaskQueue tasks;
    private final long busyPollNanos;
    private final LoopCounters counters = new LoopCounters();
    private final TurnRecorder recorder = new TurnRecorder();

    /**
     * Makes those of one loop.
     *
     * @param busyPollNanos how long to ask for events again and again before sleeping, 0 for not at all
     */
    Turns(LoopCore loop, long busyPollNanos) {
        this.loop = loop;
        this.busyPollNanos = busyPollNanos;
        selector = loop.selector();
        tasks = loop.tasks();
    }

    LoopCounters counters() {
        return counters;
    }

    /** The loop begins to work, before its first turn. */
    void begin() {
        recorder.begin(counters.iterations(), 0);
    }

    /** The loop has done its work. Without effect if none has begun. */
    void end() {
        recorder.end();
    }

    /** Runs one turn. */
    void run(boolean mayWaitAtAll) {
        counters.turn();
        Due due = loop.due();
        HandleList handles = loop.handles();
        boolean mayWait = mayWaitAtAll && !due.hasUntold();
        complete();
        loop.sendWritten();
        boolean nothingToDo = !due.hasUntold() && handles.hasNoneToClose() && tasks.isEmpty();
        int ready = poll(mayWait && nothingToDo && !loop.isStopRequested());
        for (int i = 0; i < ready; i++) {
            try {
                selector.dispatch(i);
            } catch (Throwable thrown) {
                // No callback has thrown it: they are caught where they are called. Other events and tasks have their turn,
                // and a report of bytes in flight, which comes once, is not lost.
                loop.uncaught(thrown);
            }
        }
        tasks.run(loop);
        for (int i = 0; i < COMPLETION_ROUNDS && due.hasUntold(); i++) {
            complete();
        }
        handles.sweep(loop);
        handles.runClosing(loop);
        loop.readClock();
        loop.timers().runDue(loop);
    }

    private void complete() {
        try {
            loop.due().tell();
        } catch (Throwable thrown) {
            // Those behind it have their turn in the next round.
            loop.uncaught(thrown);
        }
    }

    /** Closes all handles, and runs turns until that is done and no task is queued; further ones of both are refused. */
    void runToClose() {
        drain(TURNS_AT_CLOSE);
        // A client that connects anew whenever it is closed would keep this going for ever.
        tasks.close();
        drain(Integer.MAX_VALUE);
    }

    /**
     * Runs turns until nothing is left; what tasks and callbacks open meanwhile is closed as well.
     *
     * @param turns so many at the most
     */
    private void drain(int turns) {
        HandleList handles = loop.handles();
        for (int left = turns; left > 0 && !(handles.isEmpty() && !loop.due().hasUntold() && tasks.isEmpty()); left--) {
            if (loop.isGivenUp()) {
                throw new IllegalStateException("the close of this loop was given up; left: " + handles.toList());
            }
            handles.closeAll(loop);
            run(true);
        }
    }

    /**
     * Ends what {@link #runToClose} has not come to, because the system refused to wait: everybody who waits is told, and what
     * the system has not reported of bytes in flight is not waited for.
     */
    void abandon() {
        tasks.close();
        HandleList handles = loop.handles();
        for (int round = 0; round < TURNS_AT_CLOSE && (!tasks.isEmpty() || !handles.isEmpty()); round++) {
            tasks.run(loop);
            handles.closeAll(loop);
            handles.abandonFlights();
            complete();
            handles.runClosing(loop);
        }
    }

    /** Waits for events; returns how many are to be dispatched. */
    private int poll(boolean mayWait) {
        long timeout = mayWait && loop.isAlive() ? loop.timers().nanosToNext(loop.nanos()) : 0;
        long before = timeout == 0 ? 0 : loop.clockNanos();
        if (timeout > 0) {
            // Callbacks may have worked for long since the loop's time was read: that is no part of the wait.
            timeout = loop.timers().nanosToNext(before);
        }
        end();
        if (timeout != 0) {
            counters.waits(before);
        }
        int ready;
        try {
            ready = timeout == 0 ? selector.select(0) : await(before, timeout);
        } catch (KernelException failed) {
            throw new UncheckedIOException("the loop cannot wait for events", loop.front().shown(Failure.of(failed, "")));
        } finally {
            tasks.awake();
            long now = loop.readClock();
            if (timeout != 0) {
                counters.woke(now);
            }
        }
        recorder.begin(counters.iterations(), ready);
        counters.events(ready);
        return ready;
    }

    /** Waits for events, first by asking again and again if the options say so, then asleep. */
    private int await(long before, long timeout) throws KernelException {
        long left = timeout;
        if (busyPollNanos > 0) {
            long passed = 0;
            while (passed < busyPollNanos && (timeout < 0 || passed < timeout)) {
                int ready = selector.select(0);
                if (ready > 0 || tasks.hasNews()) {
                    return ready;
                }
                passed = loop.clockNanos() - before;
            }
            left = timeout < 0 ? timeout : Math.max(0, timeout - passed);
        }
        return selector.select(tasks.sleep() ? left : 0);
    }

    // As a kernel sees the loop that lets many loops share one thread.

    @Override
    public boolean isRunning() {
        return loop.isRunning();
    }

    @Override
    public boolean isClosing() {
        return loop.isClosing();
    }

    @Override
    public boolean turn() {
        loop.run(false, false);
        return loop.wasStopped();
    }

    @Override
    public long nanosToWork() {
        if (!loop.isAlive()) {
            return NOT_ALIVE;
        }
        boolean busy = loop.due().hasUntold()
                || loop.due().hasUnsent()
                || !loop.handles().hasNoneToClose()
                || !tasks.isEmpty()
                || loop.isStopRequested();
        return busy ? 0 : loop.timers().nanosToNext(loop.clockNanos());
    }

    @Override
    public String description() {
        return loop.handles().toList().toString();
    }
}
