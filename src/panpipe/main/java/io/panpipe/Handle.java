/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something a loop runs: a pipe, a timer, a signal from another thread.
 *
 * <p>While a handle is active and referenced it keeps {@link Loop#run()} going. All methods are for the loop's thread
 * and throw {@link java.lang.WrongThreadException} on any other. A handle that is not closed is closed with its loop.
 *
 * @since 0.1
 */
public abstract class Handle implements AutoCloseable {

    private final Loop loop;
    private final long openedNanos;

    @Nullable Handle previous;
    @Nullable Handle next;
    HandleWatch.@Nullable Watched watched;

    private @Nullable HandleCallback<? super Handle> closeCallback;
    private boolean active;
    private boolean referenced = true;
    private boolean closing;
    private boolean finished;

    Handle(Loop loop) {
        this.loop = Objects.requireNonNull(loop, "loop");
        loop.checkOpen();
        openedNanos = loop.isRunning() ? loop.nanos() : loop.clockNanos();
        loop.handleList.add(this);
        FlightReport.opened(this);
    }

    /**
     * Returns the loop this handle belongs to.
     *
     * @return the loop given at construction
     */
    public final Loop loop() {
        return loop;
    }

    /**
     * Tells whether the handle is doing something: a pipe reads, listens or has a pending request, a timer is started;
     * an {@code Async} is active until it is closed.
     *
     * @return whether it is active
     */
    public final boolean active() {
        loop.checkThread();
        return isActive();
    }

    /** Answers as {@link #active()}, from any thread. */
    boolean isActive() {
        return active;
    }

    /**
     * Tells whether {@link #close()} has been called.
     *
     * @return true from the call of {@code close} on
     */
    public final boolean closed() {
        loop.checkThread();
        return closing;
    }

    /** Lets this handle keep the loop going while it is active, as it does from the start. */
    public final void ref() {
        setReferenced(true);
    }

    /** Lets the loop end although this handle is active; its pending requests still keep the loop going. */
    public final void unref() {
        setReferenced(false);
    }

    /**
     * Tells whether this handle keeps the loop going while it is active.
     *
     * @return false after {@link #unref()}
     */
    public final boolean hasRef() {
        loop.checkThread();
        return referenced;
    }

    /** Answers as {@link #hasRef()}, from any thread. */
    final boolean isReferenced() {
        return referenced;
    }

    private void setReferenced(boolean value) {
        loop.checkThread();
        if (active && referenced != value) {
            loop.activeHandles(value ? 1 : -1);
        }
        referenced = value;
    }

    final void setActive(boolean value) {
        if (active != value) {
            used();
            active = value;
            if (referenced) {
                loop.activeHandles(value ? 1 : -1);
            }
        }
    }

    /** Closes the handle without a callback; see {@link #close(HandleCallback)}. Idempotent. */
    @Override
    public final void close() {
        loop.checkThread();
        if (!closing && !isGone()) {
            beginClose();
        }
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
        loop.checkThread();
        Objects.requireNonNull(callback, "callback");
        used();
        if (finished) {
            loop.execute(() -> loop.callbacks.call(callback, this));
            return;
        }
        HandleCallback<? super Handle> earlier = closeCallback;
        if (earlier == null) {
            closeCallback = callback;
        } else if (earlier instanceof CloseCallbacks several) {
            several.add(callback);
        } else {
            closeCallback = new CloseCallbacks(earlier, callback);
        }
    }

    private void beginClose() {
        used();
        closing = true;
        loop.handleList.beginClose();
        boolean isFree = true;
        try {
            isFree = release();
        } catch (Throwable thrown) {
            // A handle that is never told to be closed would keep the loop's close waiting.
            loop.callbacks.uncaught(thrown);
        }
        if (isFree) {
            released();
        }
    }

    /**
     * Frees what the handle holds and cancels its requests.
     *
     * @return false if {@link #released} will be called later, when the kernel has let go of its memory
     */
    abstract boolean release();

    /** Waits no more for the kernel to let go of memory, whose report will not come. */
    void abandonFlight() {}

    /** Queues the close callback: the kernel holds nothing of this handle any more. */
    final void released() {
        setActive(false);
        loop.handleList.queueClosed(this);
    }

    /** Calls back the last requests and then the close callback. */
    final void finishClose() {
        try {
            finishRequests();
        } catch (Throwable thrown) {
            loop.callbacks.uncaught(thrown);
        }
        finished = true;
        HandleCallback<? super Handle> callback = closeCallback;
        closeCallback = null;
        if (callback != null) {
            loop.callbacks.call(callback, this);
        }
    }

    /**
     * Makes another descriptor of what this handle stands for, to be sent to a process.
     *
     * @throws IllegalArgumentException if it stands for none
     */
    long duplicate() throws PanpipeException {
        throw new IllegalArgumentException(this + " has no descriptor: only pipes, Tcp, Udp and RawDescriptor can be sent");
    }

    /** Calls back the requests that closing has cancelled. */
    void finishRequests() {}

    /** Adds what there is to say of this handle, besides its name, in words; on whatever thread. */
    void describe(List<String> facts) {}

    /** Returns how long ago the handle was made, by the loop's clock. */
    final long ageNanos() {
        return loop.clockNanos() - openedNanos;
    }

    /** Returns how many bytes this handle has read or received. */
    long bytesRead() {
        return 0;
    }

    /** Returns how many bytes the system has taken from this handle. */
    long bytesWritten() {
        return 0;
    }

    final boolean isClosing() {
        return closing;
    }

    /** Tells whether nothing comes of this handle before its user does something with it, and nobody waits for its close. */
    boolean isIdle() {
        return !isActive() && !closing && closeCallback == null;
    }

    /** Returns what frees what this idle handle has of the system when it is gone itself, or null if it has nothing. */
    @Nullable Runnable rest() {
        return null;
    }

    /** Something may come of this handle: a loop that watches over forgotten ones does not forget it. */
    final void used() {
        HandleWatch.Watched present = watched;
        if (present != null) {
            present.use(this);
        }
    }

    private boolean isGone() {
        HandleWatch.Watched present = watched;
        return present != null && present.isGone();
    }

    /** Checks the thread, and that the handle can still be used; what uses it begins with this. */
    final void checkUsable() {
        loop.checkThread();
        used();
        if (closing) {
            throw new IllegalStateException(this + " is closed: make a new one");
        }
    }
}
