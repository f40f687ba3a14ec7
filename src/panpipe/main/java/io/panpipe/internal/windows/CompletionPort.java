/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One loop's I/O completion port: what the kernel has finished, and the wake-ups of other threads. */
final class CompletionPort {

    /** As many completions as one wait brings. */
    static final int CAPACITY = 256;

    private static final long ENTRY = WindowsLayouts.OVERLAPPED_ENTRY.byteSize();

    final long handle;
    private final CallState state;
    private final MemorySegment entries;
    private final MemorySegment removed;
    private final Object postLock = new Object();
    private final CallState postState = new CallState();
    private boolean closed;

    CompletionPort(CallState state, LoopMemory memory) throws KernelException {
        this.state = state;
        entries = memory.allocate(ENTRY * CAPACITY);
        removed = memory.allocate(ValueLayout.JAVA_INT.byteSize());
        handle = WindowsCalls.createIoCompletionPort(state, WindowsCalls.INVALID_HANDLE, 0);
        if (handle == WindowsCalls.INVALID_HANDLE) {
            throw WindowsErrors.failure(state.error(), "CreateIoCompletionPort");
        }
    }

    /** Has a file's completions queued here; 0 or the error, ERROR_INVALID_PARAMETER if it has a port already. */
    int associate(long file) {
        long result = WindowsCalls.createIoCompletionPort(state, file, handle);
        return result == WindowsCalls.INVALID_HANDLE ? state.error() : 0;
    }

    /**
     * Waits for completions.
     *
     * @param timeoutMillis milliseconds, or -1 for no limit
     * @return how many came, 0 after a timeout
     */
    int await(int timeoutMillis) throws KernelException {
        int error = WindowsCalls.getQueuedCompletionStatus(
                state, handle, entries.address(), CAPACITY, removed.address(), timeoutMillis);
        if (error == 0) {
            return removed.get(ValueLayout.JAVA_INT, 0);
        }
        if (error == WindowsErrors.WAIT_TIMEOUT) {
            return 0;
        }
        throw WindowsErrors.failure(error, "GetQueuedCompletionStatusEx");
    }

    /** Returns the address of the OVERLAPPED of one that came; 0 if it is a wake-up. */
    long overlapped(int index) {
        return entries.get(ValueLayout.JAVA_LONG, index * ENTRY + WindowsLayouts.ENTRY_OVERLAPPED);
    }

    /** Queues the completion of an OVERLAPPED, or a wake-up if it is 0. From any thread, also when closed. */
    void post(long overlapped) {
        // The lock keeps the handle from being closed, and given to something else, while this thread uses it.
        synchronized (postLock) {
            if (!closed) {
                WindowsCalls.postQueuedCompletionStatus(postState, handle, overlapped);
            }
        }
    }

    void close() {
        synchronized (postLock) {
            closed = true;
            WindowsCalls.closeHandle(state, handle);
        }
    }
}
