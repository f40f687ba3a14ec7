/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.loop.HandleCore;
import java.util.Objects;

/**
 * Something a loop runs: a pipe, a timer, a signal from another thread.
 *
 * <p>While a handle is active and referenced it keeps {@link Loop#run()} going. All methods are for the loop's thread
 * and throw {@link java.lang.WrongThreadException} on any other. A handle that is not closed is closed with its loop.
 *
 * @since 0.1
 */
public abstract class Handle implements AutoCloseable {

    Handle() {}

    /** Returns what the engine has of this handle. */
    abstract HandleCore core();

    /**
     * Returns the loop this handle belongs to.
     *
     * @return the loop given at construction
     */
    public final Loop loop() {
        return (Loop) core().loop().loop();
    }

    /**
     * Tells whether the handle is doing something: a pipe reads, listens or has a pending request, a timer is started;
     * an {@code Async} is active until it is closed.
     *
     * @return whether it is active
     */
    public final boolean active() {
        checkThread();
        return core().isActive();
    }

    /**
     * Tells whether {@link #close()} has been called.
     *
     * @return true from the call of {@code close} on
     */
    public final boolean closed() {
        checkThread();
        return core().isClosing();
    }

    /** Lets this handle keep the loop going while it is active, as it does from the start. */
    public final void ref() {
        checkThread();
        core().setReferenced(true);
    }

    /** Lets the loop end although this handle is active; its pending requests still keep the loop going. */
    public final void unref() {
        checkThread();
        core().setReferenced(false);
    }

    /**
     * Tells whether this handle keeps the loop going while it is active.
     *
     * @return false after {@link #unref()}
     */
    public final boolean hasRef() {
        checkThread();
        return core().isReferenced();
    }

    /** Closes the handle without a callback; see {@link #close(HandleCallback)}. Idempotent. */
    @Override
    public final void close() {
        core().close();
    }

    /**
     * Closes the handle. The system's resource is freed at once, where nothing is in flight on it; pending requests are
     * called back with {@link ErrorCode#ECANCELED}, and then, later in this turn or in the next one, the callback of
     * this method; handles close in the order of these calls.
     *
     * @param callback called when the handle is closed; also where it was closed before
     * @throws java.util.concurrent.RejectedExecutionException if the loop is closed as well, so that nothing can be called
     */
    public final void close(HandleCallback<? super Handle> callback) {
        onClose(callback);
        close();
    }

    /**
     * Sets who is told when this handle is closed, by whomever: also where its loop closes it. Each callback that was set
     * here or given to {@link #close(HandleCallback)} is called, in the order of the calls.
     *
     * @param callback called once when the handle is closed; also where it was closed before
     * @throws java.util.concurrent.RejectedExecutionException if the loop is closed as well, so that nothing can be called
     */
    public final void onClose(HandleCallback<? super Handle> callback) {
        checkThread();
        core().onClose(Objects.requireNonNull(callback, "callback"));
    }

    // What the kinds of handle below need.

    final void checkThread() {
        core().loop().checkThread();
    }

    /** Checks the thread, and that the handle can still be used; what uses it begins with this. */
    final void checkUsable() {
        core().checkUsable();
    }

    /** Makes what is thrown of a system's refusal, with a stack trace. */
    final PanpipeException failure(KernelException refused) {
        return PanpipeException.of(refused, core().name()).traced();
    }
}
