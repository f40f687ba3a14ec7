/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A HANDLE for synchronous I/O, shared by a channel and the threads of its two directions: one call at a time, and a
 * way to end the call that one of them waits in.
 *
 * <p>Windows itself lets one call at a time be under way on such a file, so that a write would wait for the read before
 * it to find something ("Synchronous and Asynchronous I/O"). Therefore a waiting read makes way for a write and is begun
 * again behind it. A write that waits for its reader cannot make way: nobody would know how much of it was written.
 */
final class SynchronousHandle {

    private static final long RETRY_MILLIS = 1;

    final long value;
    private final AtomicInteger users = new AtomicInteger(1);
    private final List<Thread> threads = new ArrayList<>(2);
    private final Object lock = new Object();
    private @Nullable SynchronousThread inside;
    private boolean writeWaits;
    private boolean cancelled;
    /** Said by the loop's thread before it lets go, and read by who does so last. */
    private volatile boolean keep;

    SynchronousHandle(long value) {
        this.value = value;
    }

    /** The monitor that guards this handle's state and its threads'. */
    Object lock() {
        return lock;
    }

    boolean isCancelled() {
        synchronized (lock) {
            return cancelled;
        }
    }

    /** Begins a call, once no other one is under way; false if the channel has been closed. */
    boolean enter(SynchronousThread thread, boolean isWrite) {
        synchronized (lock) {
            writeWaits |= isWrite;
            while (!cancelled && (inside != null || writeWaits && !isWrite)) {
                if (isWrite) {
                    interruptCall(thread.state);
                }
                await(isWrite ? RETRY_MILLIS : 0);
            }
            writeWaits &= !isWrite;
            if (!cancelled) {
                inside = thread;
            }
            return !cancelled;
        }
    }

    void leave() {
        synchronized (lock) {
            inside = null;
            lock.notifyAll();
        }
    }

    /** Waits for a change, at most for a time; 0 for no limit. Only with the lock held. */
    void await(long millis) {
        try {
            lock.wait(millis);
        } catch (InterruptedException stray) {
            // These threads end when their channel is closed and by nothing else: the condition is looked at again.
            return;
        }
    }

    /**
     * Ends whatever a thread waits for, for good.
     *
     * @return false if a thread has not ended: to be asked again, for its call may only have been about to begin
     */
    boolean cancel(CallState state) {
        synchronized (lock) {
            cancelled = true;
            lock.notifyAll();
            interruptCall(state);
        }
        for (int i = 0; i < threads.size(); i++) {
            if (threads.get(i).isAlive()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Ends the call that a thread is in. The thread cannot leave meanwhile, having to take the lock for that, so this
     * never hits a call that the thread makes for another reason.
     */
    private void interruptCall(CallState state) {
        if (inside != null) {
            SynchronousCalls.cancelSynchronousIo(state, inside.handle());
        }
    }

    /** Starts a thread, which uses the handle until it ends. */
    void start(Thread thread) {
        users.incrementAndGet();
        threads.add(thread);
        thread.start();
    }

    /** Has the last user leave the handle open. */
    void keepOpen() {
        keep = true;
    }

    /** Lets go of the handle; the last user closes it, so that its value is not given to another file under a call. */
    void release(CallState state) {
        if (users.decrementAndGet() == 0 && !keep) {
            StandardHandles.closeOther(state, value);
        }
    }
}
