/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Selector;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;

/**
 * Work that other threads hand to a loop, and the waking of the loop: at most one system call for any number of tasks
 * that arrive while it sleeps, and none while it is awake.
 */
final class TaskQueue {

    /** Tasks of one turn, so that tasks that queue tasks do not starve pipes and timers. */
    private static final int TASKS_PER_TURN = 1024;

    private static final long AWAKE = 0;
    private static final long ASLEEP = 1;
    private static final long WOKEN = 2;

    /** As in {@link ArrivalQueue}: an AtomicIntegerArray would cost a program's start two classes more. */
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    /** Where the state is, in the middle of so many words that nothing which is written more often is near. */
    private static final int STATE = 16;
    private static final int WORDS = 32;

    private final Selector selector;
    private final ArrivalQueue queue = new ArrivalQueue();
    private final long[] words = new long[WORDS];
    private volatile boolean signalled;

    TaskQueue(Selector selector) {
        this.selector = selector;
    }

    void add(Runnable task) {
        if (!queue.add(task)) {
            throw new RejectedExecutionException("this loop is closed");
        }
        // It is in the queue's number by now, or this reads what sleep has announced before it looked there.
        wakeSleeper();
    }

    /** Ends the loop's sleep, or keeps it from falling asleep once. */
    void wake() {
        // Who finds it set need not set it again: the loop takes it back before it looks at what has come.
        if (!signalled) {
            signalled = true;
        }
        wakeSleeper();
    }

    private void wakeSleeper() {
        // With volatile by sleep, and release by awake.
        if ((long) WORD.getVolatile(words, STATE) == ASLEEP && WORD.compareAndSet(words, STATE, ASLEEP, WOKEN)) {
            selector.wakeup();
        }
    }

    /**
     * Announces that the loop is about to sleep.
     *
     * @return whether it may; if not, something came just now
     */
    boolean sleep() {
        // Before it is announced, or whoever comes meanwhile would make a system call for nothing.
        if (hasNews()) {
            return false;
        }
        WORD.setVolatile(words, STATE, ASLEEP); // with volatile by wakeSleeper
        // Whoever came before the line above saw AWAKE and did not wake: the flag or the queue tells. Whoever comes after it
        // wakes. That needs one order of all four: each of them is volatile, or a compare-and-set.
        if (hasNews()) {
            WORD.setVolatile(words, STATE, AWAKE); // with volatile by wakeSleeper
            return false;
        }
        return true;
    }

    /**
     * Announces that the loop does not sleep any more.
     *
     * <p>Every turn comes by here, so there is no full fence unless somebody has called, and nothing is written unless the loop
     * has slept: a thread that still sees ASLEEP wakes once too often.
     */
    void awake() {
        if (signalled) {
            signalled = false;
        }
        // What this thread has not changed itself is AWAKE still.
        if (words[STATE] != AWAKE) {
            WORD.setRelease(words, STATE, AWAKE); // with volatile by wakeSleeper
        }
    }

    /** Tells whether something has come since the loop was awake last, or a task is left. */
    boolean hasNews() {
        return signalled || !queue.isEmpty();
    }

    /** Counts what is queued. */
    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Runs what is queued, up to a bound. */
    void run(LoopCore loop) {
        for (int i = 0; i < TASKS_PER_TURN; i++) {
            Runnable task = queue.poll();
            if (task == null) {
                return;
            }
            loop.front().run(loop, task);
        }
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
