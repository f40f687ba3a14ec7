/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.InternalThreads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One direction of a HANDLE for synchronous I/O: does one read or write at a time for a loop, which never waits for it
 * and hears of the result through its completion port.
 */
abstract class SynchronousThread implements Runnable, Operation.Completion {

    final CallState state = new CallState();
    private final WindowsChannel channel;
    private final WindowsSelector selector;
    private final SynchronousHandle file;
    private final boolean writes;
    private final MemorySegment count = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);
    private final Thread thread;

    /** What the thread is to do next, and its own HANDLE; guarded by the file's lock. */
    private long task;
    private long handle = WindowsCalls.INVALID_HANDLE;

    /** How the last task went: written by this thread before it posts, and read by the loop's once it has got that. */
    private volatile int bytes;
    private volatile int error;

    /** What the loop knows of it. */
    private boolean busy;
    private boolean done;

    SynchronousThread(WindowsChannel channel, SynchronousHandle file, boolean writes) {
        this.channel = channel;
        this.file = file;
        this.writes = writes;
        selector = channel.selector;
        thread = InternalThreads.daemon("panpipe-" + (writes ? "write" : "read") + "-handle-" + file.value, this);
    }

    final void start() {
        file.start(thread);
    }

    // On the loop's thread.

    /** Tells whether it has nothing to do, and nothing to tell. */
    final boolean isIdle() {
        return !busy && !done;
    }

    /** Tells whether a task has ended whose result has not been taken. */
    final boolean isDone() {
        return done;
    }

    final int bytes() {
        return bytes;
    }

    final int error() {
        return error;
    }

    /** Forgets the result; the thread is idle again. */
    final void taken() {
        done = false;
    }

    final void begin() {
        busy = true;
        Operation told = selector.operations.take(this);
        synchronized (file.lock()) {
            task = told.address;
            file.lock().notifyAll();
        }
    }

    @Override
    public final void completed(Operation operation) {
        selector.operations.giveBack(operation);
        busy = false;
        done = true;
        selector.enqueue(channel);
    }

    // On its own thread.

    @Override
    public final void run() {
        long opened = SynchronousCalls.openThisThread(state);
        int refused = opened == WindowsCalls.INVALID_HANDLE ? state.error() : 0;
        synchronized (file.lock()) {
            handle = opened;
        }
        for (long next = nextTask(); next != 0; next = nextTask()) {
            bytes = 0;
            // A call that nobody could end is not begun.
            error = refused != 0 ? refused : work();
            selector.port.post(next);
        }
        if (refused == 0) {
            WindowsCalls.closeHandle(state, opened);
        }
        file.release(state);
    }

    /** Waits for something to do; 0 once the channel has been closed. */
    private long nextTask() {
        synchronized (file.lock()) {
            while (task == 0 && !file.isCancelled()) {
                file.await(0);
            }
            long next = task;
            task = 0;
            return next;
        }
    }

    /** Does the task; 0 or the error. */
    abstract int work();

    /**
     * Makes one call that may wait.
     *
     * @return 0 or the error: ERROR_OPERATION_ABORTED if the channel has been closed
     */
    final int call(long address, int length) {
        int result = WindowsErrors.OPERATION_ABORTED;
        // A read that has made way for a write is begun again.
        while (result == WindowsErrors.OPERATION_ABORTED && file.enter(this, writes)) {
            count.set(ValueLayout.JAVA_INT, 0, 0);
            result = writes
                    ? SynchronousCalls.writeFile(state, file.value, address, length, count.address())
                    : SynchronousCalls.readFile(state, file.value, address, length, count.address());
            file.leave();
        }
        return result;
    }

    /** Returns how many bytes the last call has moved, having added them to the task's. */
    final int count() {
        int moved = count.get(ValueLayout.JAVA_INT, 0);
        bytes += moved;
        return moved;
    }

    /** Returns this thread's HANDLE; with the file's lock held. */
    final long handle() {
        return handle;
    }
}
