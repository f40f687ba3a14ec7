/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The promise of an operation. Whoever cancels it, or completes it in another way, as {@link #orTimeout} does,
 * withdraws the operation first: either the loop does it, or nothing is lost by its not being done.
 */
final class OperationFuture<T> extends LoopFuture<T> {

    private final Operation<T> operation;

    OperationFuture(Loop loop, Operation<T> operation) {
        super(loop);
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

    /** The supplier's value goes the way of {@link #complete}: the inherited method would leave the operation be. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        Objects.requireNonNull(supplier, "supplier");
        executor.execute(() -> {
            if (isDone()) {
                return;
            }
            try {
                complete(supplier.get());
            } catch (Throwable thrown) {
                completeExceptionally(thrown);
            }
        });
        return this;
    }

    @Override
    public void obtrudeValue(T value) {
        operation.withdraw();
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable why) {
        operation.withdraw();
        super.obtrudeException(why);
    }
}
