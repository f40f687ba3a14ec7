/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a loop promises, and what depends on that: the thread that runs the loop cannot wait for it, since it alone can keep
 * the promise, and all other users of the loop would wait with it.
 */
class LoopFuture<T extends @Nullable Object> extends CompletableFuture<T> {

    private final Loop loop;

    LoopFuture(Loop loop) {
        this.loop = loop;
    }

    private void requireWait() {
        if (!isDone() && loop.runsHere()) {
            loop.requireRunningElsewhere();
        }
    }

    @Override
    public T join() {
        requireWait();
        return super.join();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        requireWait();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        requireWait();
        return super.get(timeout, unit);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoopFuture<>(loop);
    }
}
