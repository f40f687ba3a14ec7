/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Wakes the loop from another thread. Signals that arrive before the callback runs are one: it is called at least once
 * after each {@link #send()}, not once for each.
 *
 * <p>It is active until it is closed, so it keeps the loop waiting for other threads.
 *
 * @since 0.1
 */
public final class Async extends Handle {

    private final HandleCallback<? super Async> callback;
    private final AtomicBoolean pending = new AtomicBoolean();
    private final Runnable task = this::run;
    private volatile boolean sendable = true;

    /**
     * Makes a signal.
     *
     * @param loop the loop to wake, on whose thread this is called
     * @param callback called on the loop's thread after {@link #send()}
     */
    public Async(Loop loop, HandleCallback<? super Async> callback) {
        super(loop);
        this.callback = Objects.requireNonNull(callback, "callback");
        setActive(true);
    }

    /**
     * Has the callback called soon. May be called from any thread, and allocates nothing where a signal is pending.
     *
     * @throws IllegalStateException if this handle is closed
     * @throws java.util.concurrent.RejectedExecutionException if the loop was closed just now, by another thread
     */
    public void send() {
        if (!sendable) {
            throw new IllegalStateException("this Async is closed");
        }
        if (!pending.get() && pending.compareAndSet(false, true)) {
            loop().tasks().add(task);
        }
    }

    private void run() {
        pending.set(false);
        if (!isClosing()) {
            loop().callbacks.call(callback, this);
        }
    }

    @Override
    void describe(List<String> facts) {
        facts.add(pending.get() ? "signalled" : "not signalled");
    }

    @Override
    boolean release() {
        sendable = false;
        return true;
    }

    @Override
    public String toString() {
        return "Async";
    }
}
