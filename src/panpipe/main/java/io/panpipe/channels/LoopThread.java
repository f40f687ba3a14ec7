/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Async;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.PanpipeException;
import java.time.Duration;
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

    /** While a thread is waited for, it may begin to end the JVM. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

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
        this(Thread.ofPlatform().daemon().name(name), LoopOptions.defaults());
    }

    private LoopThread(Thread.Builder builder, LoopOptions options) throws PanpipeException {
        thread = builder.start(() -> run(options));
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
     * closes it; it cannot be stopped ({@link LoopOptions#stoppable}). Its thread inherits nothing of its first user's:
     * neither class loader, inheritable thread-locals and priority, nor the group.
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
                present = share();
                shared = present;
            }
            return present.loop;
        } finally {
            SHARING.unlock();
        }
    }

    /** The thread lives as long as the JVM, and works for whoever comes: it keeps nothing of who happened to be first. */
    private static LoopThread share() throws PanpipeException {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        // Its class loader then is the system's.
        return new LoopThread(
                Thread.ofPlatform()
                        .daemon()
                        .name("panpipe-shared-loop")
                        .group(group)
                        .priority(Thread.NORM_PRIORITY)
                        .inheritInheritableThreadLocals(false),
                LoopOptions.defaults().stoppable(false));
    }

    private void run(LoopOptions options) {
        Loop mine;
        try {
            mine = new Loop(options);
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
     * interrupted, it waits on and stays interrupted. Where the loop's thread itself is ending the JVM, in a callback that
     * calls {@link System#exit}, that thread waits for the shutdown hooks: called in one of these, this then does not wait.
     *
     * @throws IllegalStateException on the loop's own thread, which cannot wait for its own end
     */
    @Override
    public void close() {
        end();
        awaitEnd(Operation.FOREVER);
    }

    /**
     * Closes as {@link #close()} does, and waits for the thread no longer than for a time: a callback that does not return
     * holds it up.
     *
     * @param timeout how long to wait; zero looks once
     * @return whether the thread has ended; it ends by itself as soon as that callback returns
     * @throws IllegalArgumentException if the timeout is negative or longer than 292 years
     * @throws IllegalStateException on the loop's own thread, which cannot wait for its own end
     * @since 0.1
     */
    public boolean close(Duration timeout) {
        long nanos = LoopChannel.nanos(timeout);
        end();
        // One that is never reached would be taken for no limit.
        return awaitEnd(Math.max(1, nanos));
    }

    /** Has the loop close all and stop. */
    private void end() {
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
    }

    /** Waits for the thread, for some nanoseconds or {@link Operation#FOREVER}; tells whether it has ended. */
    private boolean awaitEnd(long nanos) {
        long begin = System.nanoTime();
        boolean interrupted = false;
        while (thread.isAlive() && !endsTheJvm()) {
            long left = nanos - (System.nanoTime() - begin);
            if (nanos != Operation.FOREVER && left <= 0) {
                break;
            }
            boolean near = nanos != Operation.FOREVER && left < LOOK_AGAIN.toNanos();
            try {
                thread.join(near ? Duration.ofNanos(left) : LOOK_AGAIN);
            } catch (InterruptedException early) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Tells whether the thread never ends by itself, because it waits for all shutdown hooks in System.exit. */
    private boolean endsTheJvm() {
        Thread.State state = thread.getState();
        if (state != Thread.State.WAITING && state != Thread.State.BLOCKED) {
            return false;
        }
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals("java.lang.Shutdown")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "LoopThread " + thread.getName();
    }
}
