/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Async;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs a loop for others: for channels, whose threads wait meanwhile.
 *
 * <p>It is a platform thread, since a loop waits inside a native call, and a daemon: it does not keep the program from
 * ending. Its loop runs until {@link #close}, whether there is anything to do or not. {@link #sharedLoop} is for those
 * who want none of their own.
 *
 * @since 0.1
 */
public final class LoopThread implements AutoCloseable {

    private static final AtomicLong COUNT = new AtomicLong();

    /** No monitor: a virtual thread that waits for one would pin its carrier (before JDK 24). */
    private static final ReentrantLock SHARING = new ReentrantLock();

    private static @Nullable LoopThread shared;

    private final CompletableFuture<Loop> started = new CompletableFuture<>();
    private final Thread thread;
    private final Loop loop;
    private volatile boolean ended;

    /**
     * Makes a loop and starts the thread that runs it.
     *
     * @throws PanpipeException if the system refuses the descriptors it needs (EMFILE, ENFILE)
     * @throws UnsupportedOperationException if there is no kernel for this system
     * @throws IllegalCallerException if the JVM was told to deny native access; the message names the option
     */
    public LoopThread() throws PanpipeException {
        this("panpipe-loop-" + COUNT.incrementAndGet());
    }

    /**
     * Makes a loop and starts the thread that runs it.
     *
     * @param name the thread's name, as thread dumps show it
     * @throws PanpipeException if the system refuses the descriptors it needs (EMFILE, ENFILE)
     * @throws UnsupportedOperationException if there is no kernel for this system
     * @throws IllegalCallerException if the JVM was told to deny native access; the message names the option
     */
    public LoopThread(String name) throws PanpipeException {
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
        try {
            loop = started.join();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case PanpipeException refused -> throw refused;
                case RuntimeException unusable -> throw unusable;
                case Error error -> throw error;
                case null, default -> throw failed;
            }
        }
    }

    /**
     * Returns the loop of a thread that all share who want no loop of their own. It is started on first use and nobody
     * closes it.
     *
     * @return a running loop
     * @throws PanpipeException if it is the first use, and the system refuses the descriptors it needs (EMFILE, ENFILE)
     * @throws UnsupportedOperationException as the constructor does
     */
    public static Loop sharedLoop() throws PanpipeException {
        SHARING.lock();
        try {
            LoopThread present = shared;
            if (present == null || present.ended) {
                present = new LoopThread("panpipe-shared-loop");
                shared = present;
            }
            return present.loop;
        } finally {
            SHARING.unlock();
        }
    }

    private void run() {
        Loop mine;
        try {
            mine = new Loop();
        } catch (Throwable refused) {
            ended = true;
            started.completeExceptionally(refused);
            return;
        }
        try (mine) {
            run(mine);
        } finally {
            ended = true;
        }
    }

    private void run(Loop mine) {
        try {
            // Active until the loop is closed: whoever has nothing to do now may have later.
            new Async(mine, signal -> {});
            mine.execute(() -> started.complete(mine));
            mine.run();
        } catch (Throwable failed) {
            // Of no effect but in the first turn, on which the constructor waits; and before the loop is closed, which runs
            // what is queued.
            started.completeExceptionally(failed);
            throw failed;
        }
    }

    /**
     * Returns the loop that this thread runs.
     *
     * @return the loop, which other threads reach by {@link Loop#execute}
     */
    public Loop loop() {
        return loop;
    }

    /**
     * Stops the loop, closes it with all its handles, and waits for the thread to end. Threads that wait for channels
     * of the loop get an {@link java.nio.channels.AsynchronousCloseException}. Idempotent. If this thread is
     * interrupted, it waits on and stays interrupted.
     *
     * @throws IllegalStateException on the loop's own thread, which cannot wait for its own end
     */
    @Override
    public void close() {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("this thread runs the loop: close it from another one");
        }
        try {
            // The handles first: no channel is open yet when nobody runs the loop any more.
            loop.execute(() -> {
                try {
                    loop.handles().forEach(Handle::close);
                } finally {
                    loop.stop();
                }
            });
        } catch (RejectedExecutionException closed) {
            // It has ended, or is about to.
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException early) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "LoopThread " + thread.getName();
    }
}
