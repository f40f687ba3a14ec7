/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;

/**
 * A HANDLE for overlapped I/O on a pipe, and how its operations tell the loop of their end.
 *
 * <p>A pipe of this loop's own is associated with its completion port. One that came from another process shares that
 * process's port for good, and its completions would go there: such a handle's operations signal an event instead, with
 * the low bit of hEvent set so that no port hears of them ("GetQueuedCompletionStatus"), and a thread hands them on.
 */
final class PipeHandle {

    private static final int SKIP_COMPLETION_PORT_ON_SUCCESS = 1;
    private static final int SKIP_SET_EVENT_ON_HANDLE = 2;
    private static final long NO_PACKET = 1;

    final long value;
    private final WindowsSelector selector;
    private final boolean isAdopted;
    private final boolean usesEvents;
    private final boolean skipsPort;
    private boolean closed;

    private PipeHandle(WindowsSelector selector, long value, boolean isAdopted, boolean usesEvents) {
        selector.opened(value);
        this.isAdopted = isAdopted;
        this.selector = selector;
        this.value = value;
        this.usesEvents = usesEvents;
        // What ends inside the call itself is not queued as well. Where the system refuses, it is.
        skipsPort = usesEvents
                || WindowsCalls.setCompletionModes(
                        selector.state, value, SKIP_COMPLETION_PORT_ON_SUCCESS | SKIP_SET_EVENT_ON_HANDLE) == 0;
    }

    /** Takes a pipe that was made or opened just now; on failure it is closed. */
    static PipeHandle own(WindowsSelector selector, long value) throws KernelException {
        int error = selector.port.associate(value);
        if (error != 0) {
            WindowsCalls.closeHandle(selector.state, value);
            throw WindowsErrors.failure(error, "CreateIoCompletionPort");
        }
        return new PipeHandle(selector, value, false, false);
    }

    /** Takes a pipe that may belong to another completion port already; on failure it stays the caller's. */
    static PipeHandle adopt(WindowsSelector selector, long value) throws KernelException {
        int error = selector.port.associate(value);
        if (error != 0 && error != WindowsErrors.INVALID_PARAMETER) {
            throw WindowsErrors.failure(error, "CreateIoCompletionPort");
        }
        return new PipeHandle(selector, value, true, error != 0);
    }

    /** Takes an operation for calls on this handle. */
    Operation take(Operation.Completion owner) throws KernelException {
        Operation taken = selector.operations.take(owner);
        if (usesEvents && taken.event == 0) {
            taken.event = WindowsCalls.createEvent(selector.state);
            if (taken.event == WindowsCalls.INVALID_HANDLE) {
                taken.event = 0;
                selector.operations.giveBack(taken);
                throw WindowsErrors.failure(selector.state.error(), "CreateEvent");
            }
        }
        return taken;
    }

    /** Prepares an operation for the next call. */
    void begin(Operation operation, Operation.Completion owner) {
        operation.begin(owner, usesEvents ? operation.event | NO_PACKET : 0);
    }

    /**
     * Tells whether an operation goes on after the call that began it. If not it is over, its result is in it, and it
     * has to be given back.
     *
     * @param error what the call answered
     */
    boolean goesOn(Operation operation, int error) {
        // A part of a message is a warning, and to the port what a success is.
        boolean done = error == 0 || error == WindowsErrors.MORE_DATA;
        boolean pending = error == WindowsErrors.IO_PENDING || done && !skipsPort;
        if (pending && usesEvents && !selector.eventThreads().await(operation)) {
            // Nobody would tell of its end: it ends now, as cancelled.
            cancel(operation);
            if (selector.hasEnded(operation)) {
                selector.port.post(operation.address);
            }
        }
        return pending;
    }

    /** Cancels one operation; its end is reported all the same. */
    void cancel(Operation operation) {
        // It may have ended by now: ERROR_NOT_FOUND says so, and its completion is on its way.
        WindowsCalls.cancelIo(selector.state, value, operation.address);
    }

    /**
     * Closes the handle, after what it has under way was cancelled. Closing would cancel as well, but not where there is a
     * duplicate of the handle; and cancelling all at once would cancel what goes on by that one too.
     */
    void close() {
        if (!closed) {
            closed = true;
            selector.released(value);
            if (isAdopted) {
                StandardHandles.closeOther(selector.state, value);
            } else {
                WindowsCalls.closeHandle(selector.state, value);
            }
        }
    }

    /** Tells whether it was somebody else's before. */
    boolean isAdopted() {
        return isAdopted;
    }

    boolean isClosed() {
        return closed;
    }

    /** Gives the handle away: it is not closed here any more. */
    long release() {
        closed = true;
        selector.released(value);
        return value;
    }
}
