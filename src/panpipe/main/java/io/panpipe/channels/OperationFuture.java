/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.util.concurrent.CompletableFuture;

/**
 * The promise of an operation. Whoever cancels it, or completes it in another way, as {@link #orTimeout} does,
 * withdraws the operation first: either the loop does it, or nothing is lost by its not being done.
 */
final class OperationFuture<T> extends CompletableFuture<T> {

    private final Operation<T> operation;

    OperationFuture(Operation<T> operation) {
        this.operation = operation;
    }

    void succeed(T value) {
        super.complete(value);
    }

    void fail(Throwable why) {
        super.completeExceptionally(why);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return operation.withdraw() && super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean complete(T value) {
        return operation.withdraw() && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable why) {
        return operation.withdraw() && super.completeExceptionally(why);
    }

    /** What depends on this promise is an ordinary one. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
