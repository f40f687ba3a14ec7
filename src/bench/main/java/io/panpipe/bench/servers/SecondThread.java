/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;

/**
 * A thread of the server that is not its loop's: gets what is to be answered, and hands each answer to the loop. It takes
 * no time for an answer; what is measured is the way there and back.
 */
final class SecondThread {

    private static final int MOST_WAITING = 1 << 16;

    private final ArrayBlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Executor loop;

    SecondThread(Executor loop) {
        this.loop = loop;
        Thread.ofPlatform().daemon().name("answers").start(this::run);
    }

    /** Has an answer sent: the task runs in the loop, from this thread's hand. */
    void answer(Runnable task) {
        waiting.add(task);
    }

    private void run() {
        try {
            while (true) {
                loop.execute(waiting.take());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts it", e);
        }
    }
}
