/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.loop.AsyncCore;
import java.util.Objects;

/**
 * Wakes the loop from another thread. Signals that arrive before the callback runs are one: it is called at least once
 * after each {@link #send()}, not once for each.
 *
 * <p>It is active until it is closed, so it keeps the loop waiting for other threads.
 *
 * @since 0.1
 */
public final class Async extends Handle {

    private final AsyncCore core;

    /**
     * Makes a signal.
     *
     * @param loop the loop to wake, on whose thread this is called
     * @param callback called on the loop's thread after {@link #send()}
     */
    public Async(Loop loop, HandleCallback<? super Async> callback) {
        core = new AsyncCore(Loop.coreOf(loop), this);
        core.begin(Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Has the callback called soon. May be called from any thread, and allocates nothing where a signal is pending.
     *
     * @throws IllegalStateException if this handle is closed
     * @throws java.util.concurrent.RejectedExecutionException if the loop was closed just now, by another thread
     */
    public void send() {
        if (!core.send()) {
            throw new IllegalStateException("this Async is closed");
        }
    }

    @Override
    AsyncCore core() {
        return core;
    }

    @Override
    public String toString() {
        return "Async";
    }
}
