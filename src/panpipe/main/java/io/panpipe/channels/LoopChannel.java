/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Async;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a connection and a server have in common: a pipe that belongs to a loop, and is closed on its thread.
 *
 * @since 0.1
 */
public abstract sealed class LoopChannel extends AbstractInterruptibleChannel permits PipeChannel, PipeServerChannel {

    private final Pipe pipe;
    private final CompletableFuture<@Nullable Void> released;
    private final Runnable closing = this::closePipe;
    private @Nullable Async keepsLoop;

    /** Whether an interrupt leaves a platform thread alone. */
    private volatile boolean sparesPlatformThreads;

    LoopChannel(Pipe pipe) {
        this.pipe = pipe;
        released = new LoopFuture<>(pipe.loop());
    }

    /** Owns the pipe from now on; called on the loop's thread when all that can fail has been done. */
    final void own() {
        Async keeper = new Async(pipe.loop(), signal -> {});
        Loop.Registration waits = null;
        try {
            Loop.Registration told = pipe.loop().onRunFailure(this::runFailed);
            waits = told;
            pipe.onClose(closed -> {
                told.close();
                closeQuietly();
                released();
                released.complete(null);
            });
        } catch (Throwable failed) {
            if (waits != null) {
                waits.close();
            }
            keeper.close();
            throw failed;
        }
        keepsLoop = keeper;
    }

    /**
     * Returns the loop that works for this channel.
     *
     * @return the loop
     */
    public final Loop loop() {
        return pipe.loop();
    }

    /**
     * Closes this channel, as {@link #close} does, and tells when the system has let go of it: {@code close} itself
     * does not wait for the loop. The path of a server is free when {@code close} returns, an abstract name and one of
     * Windows when this future is complete.
     *
     * <p>On Linux a thread that reads or writes holds the descriptor until its call of the system returns; one that waits is
     * woken. Where the system has set a thread aside in the middle of a call, the loop does not wait for it: this future is
     * complete then, and the thread closes the descriptor as soon as it goes on. No thread begins anything any more.
     *
     * @return complete when the descriptor is closed or left to such a thread, and a server's name free
     */
    public final CompletableFuture<@Nullable Void> closeAsync() {
        closeQuietly();
        return released.copy();
    }

    /** Closes this channel, whose pipe a thread has found closed before the loop has told so; returns what is thrown. */
    final AsynchronousCloseException pipeClosed() {
        closeQuietly();
        return new AsynchronousCloseException();
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Has the loop close the pipe, and wakes who waits. Called once, on whatever thread; it waits for nothing. */
    @Override
    protected final void implCloseChannel() {
        // Here, since the loop's thread may end with the JVM before it comes to that.
        try {
            pipe.releaseName();
        } finally {
            try {
                loop().execute(closing);
            } catch (RejectedExecutionException closed) {
                // The loop has closed the pipe.
                released.complete(null);
            } finally {
                // Also where the loop has no memory for the task: nobody waits for what is closed.
                wake();
            }
        }
    }

    private void closePipe() {
        pipe.close();
        if (keepsLoop != null) {
            keepsLoop.close();
        }
    }

    /** Wakes the threads that wait, to see that the channel is closed. */
    abstract void wake();

    /** Fails what threads wait for: nobody runs the loop any more. */
    abstract void runFailed();

    /** Fails what waits for the loop, whose pipe is closed: by this channel, by the loop, or by whoever made it. */
    abstract void released();

    final Pipe pipe() {
        return pipe;
    }

    final void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    /**
     * Checks that this channel is open, and that the calling thread may wait for it.
     *
     * @throws IllegalStateException if the wait would have no end
     */
    final void requireWait() throws ClosedChannelException {
        requireOpen();
        try {
            loop().requireRunningElsewhere();
        } catch (IllegalStateException refused) {
            // A loop that is closed meanwhile closes the channel first, and is nobody's misuse.
            requireOpen();
            throw refused;
        }
    }

    /**
     * Has an interrupt close this channel on virtual threads alone, as the sockets of {@code java.net} have it. Before
     * any thread waits.
     */
    final void sparePlatformThreads() {
        sparesPlatformThreads = true;
    }

    /** Tells whether an interrupt of the calling thread closes this channel while it waits. */
    final boolean heedsInterrupt() {
        return !sparesPlatformThreads || Thread.currentThread().isVirtual();
    }

    /** Has an interrupt of the calling thread close this channel, until {@link #endWait}, where it heeds any. */
    final void beginWait() {
        if (heedsInterrupt()) {
            begin();
        }
    }

    /** Ends what {@link #beginWait} began, and throws what the wait was broken off by, as {@code end} does. */
    final void endWait(boolean completed) throws AsynchronousCloseException {
        if (!heedsInterrupt()) {
            if (!completed && !isOpen()) {
                throw new AsynchronousCloseException();
            }
            return;
        }
        if (!completed && Thread.currentThread().isInterrupted()) {
            // The interrupt of a platform thread wakes it first, and looks for its channel then, which may be too late.
            begin();
        }
        end(completed);
    }

    /** Asks the pipe something, on the loop's thread, and waits for the answer. */
    final <T extends @Nullable Object> T ask(Callable<T> question) throws IOException {
        requireWait();
        boolean completed = false;
        try {
            beginWait();
            T answer = LoopCall.make(loop(), () -> askHere(question), this);
            completed = true;
            return answer;
        } catch (IllegalStateException refused) {
            // The loop may have ended meanwhile, and the channel with it.
            requireOpen();
            throw refused;
        } finally {
            endWait(completed);
        }
    }

    private <T extends @Nullable Object> T askHere(Callable<T> question) throws Exception {
        if (pipe.closed()) {
            throw new AsynchronousCloseException();
        }
        return question.call();
    }

    static long nanos(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("the timeout is negative: " + timeout);
        }
        try {
            return timeout.toNanos();
        } catch (ArithmeticException tooLong) {
            throw new IllegalArgumentException("the timeout is longer than 292 years: " + timeout, tooLong);
        }
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + " over " + pipe + (isOpen() ? "" : ", closed");
    }
}
