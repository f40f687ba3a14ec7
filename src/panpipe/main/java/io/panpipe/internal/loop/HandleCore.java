/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.KernelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a loop knows of a handle: whether it keeps the loop going, and how it is closed. Each kind of handle has one of its own
 * kind below; the handle itself, which users hold, is known as an object that can be shown.
 */
public abstract class HandleCore {

    private final LoopCore loop;
    private final Object handle;
    private final long openedNanos;

    @Nullable HandleCore previous;
    @Nullable HandleCore next;
    HandleWatch.@Nullable Watched watched;

    private @Nullable Object closeCallback;
    private boolean active;
    private boolean referenced = true;
    private boolean closing;
    private boolean finished;

    /**
     * Makes what a loop knows of a new handle, and adds it to those of the loop.
     *
     * @param handle what users hold, and callbacks receive
     */
    protected HandleCore(LoopCore loop, Object handle) {
        this.loop = loop;
        this.handle = handle;
        loop.checkOpen();
        openedNanos = loop.isRunning() ? loop.nanos() : loop.clockNanos();
        loop.handles().add(this);
        FlightReport.opened(this);
    }

    public final LoopCore loop() {
        return loop;
    }

    /** Returns what users hold. */
    public final Object handle() {
        return handle;
    }

    /** Returns the name for error messages, or empty. */
    public String name() {
        return "";
    }

    @Override
    public final String toString() {
        return handle.toString();
    }

    /** Tells whether it is doing something. From any thread. */
    public boolean isActive() {
        return active;
    }

    /** Tells whether it keeps the loop going while it is active. From any thread. */
    public final boolean isReferenced() {
        return referenced;
    }

    /** Sets whether it keeps the loop going while it is active. */
    public final void setReferenced(boolean value) {
        if (active && referenced != value) {
            loop.activeHandles(value ? 1 : -1);
        }
        referenced = value;
    }

    /** Sets whether it is doing something, besides the requests that the loop counts. */
    public final void setActive(boolean value) {
        if (active != value) {
            used();
            active = value;
            if (referenced) {
                loop.activeHandles(value ? 1 : -1);
            }
        }
    }

    /** Closes it. Idempotent. */
    public final void close() {
        loop.checkThread();
        if (!closing && !isGone()) {
            beginClose();
        }
    }

    /** Has somebody called when it is closed, behind all who asked before. */
    public final void onClose(Object callback) {
        used();
        if (finished) {
            loop.execute(() -> loop.front().call(this, callback));
            return;
        }
        Object earlier = closeCallback;
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
        loop.handles().beginClose();
        boolean isFree = true;
        try {
            isFree = release();
        } catch (Throwable thrown) {
            // A handle that is never told to be closed would keep the loop's close waiting.
            loop.uncaught(thrown);
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
    protected abstract boolean release();

    /** Waits no more for the kernel to let go of memory, whose report will not come. */
    protected void abandonFlight() {}

    /** Queues the close callback: the kernel holds nothing of this handle any more. */
    protected final void released() {
        setActive(false);
        loop.handles().queueClosed(this);
    }

    /** Calls back the last requests and then the close callback. */
    final void finishClose() {
        try {
            finishRequests();
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        finished = true;
        Object callback = closeCallback;
        closeCallback = null;
        if (callback instanceof CloseCallbacks several) {
            several.call(this);
        } else if (callback != null) {
            loop.front().call(this, callback);
        }
    }

    /** Calls back the requests that closing has cancelled. */
    protected void finishRequests() {}

    /**
     * Makes another descriptor of what this handle stands for, to be sent to a process.
     *
     * @throws IllegalArgumentException if it stands for none
     */
    public long duplicate() throws KernelException {
        throw new IllegalArgumentException(this + " has no descriptor: only pipes, Tcp, Udp and RawDescriptor can be sent");
    }

    /** Adds what there is to say of this handle, besides its name, in words; on whatever thread. */
    protected void describe(List<String> facts) {}

    /** Returns how long ago the handle was made, by the loop's clock. */
    final long ageNanos() {
        return loop.clockNanos() - openedNanos;
    }

    /** Returns how many bytes this handle has read or received. */
    protected long bytesRead() {
        return 0;
    }

    /** Returns how many bytes the system has taken from this handle. */
    protected long bytesWritten() {
        return 0;
    }

    /** Tells whether it is closed, or being closed. */
    public final boolean isClosing() {
        return closing;
    }

    /** Tells whether nothing comes of this handle before its user does something with it, and nobody waits for its close. */
    protected boolean isIdle() {
        return !isActive() && !closing && closeCallback == null;
    }

    /** Returns what frees what this idle handle has of the system when it is gone itself, or null if it has nothing. */
    protected @Nullable Runnable rest() {
        return null;
    }

    /** Something may come of this handle: a loop that watches over forgotten ones does not forget it. */
    public final void used() {
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
    public final void checkUsable() {
        loop.checkThread();
        used();
        if (closing) {
            throw new IllegalStateException(this + " is closed: make a new one");
        }
    }
}
