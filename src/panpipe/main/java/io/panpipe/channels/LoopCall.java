/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A call of a handle, made on the loop's thread for another one. */
final class LoopCall<T extends @Nullable Object> extends Operation<T> implements Runnable {

    private final Callable<T> call;
    private @Nullable T value;

    private LoopCall(Callable<T> call) {
        this.call = call;
    }

    /**
     * Makes a call and waits for it.
     *
     * @throws IOException what the call throws
     * @throws ClosedByInterruptException if this thread is interrupted before the call is made
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    static <T extends @Nullable Object> T make(Loop loop, Callable<T> call) throws IOException {
        return make(loop, call, null);
    }

    /**
     * Makes a call and waits for it, as long as a channel is open.
     *
     * @throws AsynchronousCloseException if the channel is closed before the call is made
     */
    static <T extends @Nullable Object> T make(Loop loop, Callable<T> call, @Nullable LoopChannel channel)
            throws IOException {
        LoopCall<T> operation = new LoopCall<>(call);
        Loop.Registration waits = loop.onRunFailure(operation::runFailed);
        try {
            operation.beginWait();
            loop.requireRunningElsewhere();
            execute(loop, operation);
            switch (operation.await(0, FOREVER, channel)) {
                case DONE -> {}
                case CLOSED -> throw new AsynchronousCloseException();
                case INTERRUPTED, TIMED_OUT -> throw new ClosedByInterruptException();
            }
        } finally {
            waits.close();
        }
        operation.throwFailure();
        return operation.result();
    }

    /** Makes a call soon. */
    static <T extends @Nullable Object> CompletableFuture<T> makeSoon(Loop loop, Callable<T> call) {
        LoopCall<T> operation = new LoopCall<>(call);
        CompletableFuture<T> promise = operation.beginFuture(loop);
        execute(loop, operation);
        return promise;
    }

    /** Hands a task to a loop that must not be closed. */
    static void execute(Loop loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closed) {
            throw new IllegalStateException("this loop is closed: take another one", closed);
        }
    }

    @Override
    public void run() {
        if (!take()) {
            return;
        }
        try {
            value = call.call();
        } catch (Throwable refused) {
            finish(refused);
            return;
        }
        finish(null);
    }

    @Override
    T result() {
        return value;
    }
}
