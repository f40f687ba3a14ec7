/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Selector;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work that other threads hand to a loop, and the waking of the loop: at most one system call for any number of tasks
 * that arrive while it sleeps, and none while it is awake.
 */
final class TaskQueue {

    /** Tasks of one turn, so that tasks that queue tasks do not starve pipes and timers. */
    private static final int TASKS_PER_TURN = 1024;

    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int WOKEN = 2;

    private final Selector selector;
    private final ArrivalQueue queue = new ArrivalQueue();
    private final AtomicInteger state = new AtomicInteger(AWAKE);

    private volatile boolean signalled;

    TaskQueue(Selector selector) {
        this.selector = selector;
    }

    void add(Runnable task) {
        if (!queue.add(task)) {
            throw new RejectedExecutionException("this loop is closed");
        }
        wake();
    }

    /** Ends the loop's sleep, or keeps it from falling asleep once. */
    void wake() {
        // Who finds it set need not set it again: the loop takes it back before it looks at what has come.
        if (!signalled) {
            signalled = true;
        }
        if (state.get() == ASLEEP && state.compareAndSet(ASLEEP, WOKEN)) {
            selector.wakeup();
        }
    }

    /**
     * Announces that the loop is about to sleep.
     *
     * @return whether it may; if not, something came just now
     */
    boolean sleep() {
        state.set(ASLEEP);
        // Whoever came before the line above saw AWAKE and did not wake: the flag tells. Whoever comes after it wakes. What an
        // exception has kept from being run after the flag was taken back is in the queue.
        if (signalled || !queue.isEmpty()) {
            state.set(AWAKE);
            return false;
        }
        return true;
    }

    /**
     * Announces that the loop does not sleep any more.
     *
     * <p>Every turn comes by here, so there is no full fence unless somebody has called: a thread that still sees ASLEEP wakes
     * once too often.
     */
    void awake() {
        if (signalled) {
            signalled = false;
        }
        state.setRelease(AWAKE);
    }

    /** Tells whether something has come since the loop was awake last. */
    boolean isSignalled() {
        return signalled;
    }

    /** Counts what is queued, one by one. */
    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Runs what is queued, up to a bound. */
    void run(Loop loop) {
        for (int i = 0; i < TASKS_PER_TURN; i++) {
            Runnable task = queue.poll();
            if (task == null) {
                return;
            }
            runOne(loop, task);
        }
        signalled = true;
    }

    private static void runOne(Loop loop, Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            loop.callbacks.uncaught(thrown);
        }
        loop.callbacks.sendWritten();
    }

    /** Tells whether tasks are refused. */
    boolean isClosed() {
        return queue.isClosed();
    }

    /** Refuses tasks from now on. */
    void close() {
        queue.close();
    }
}
