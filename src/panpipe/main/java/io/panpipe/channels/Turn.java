/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Whose turn it is, of threads that want the same of a channel: waiting for it ends as waiting for the channel does. */
final class Turn {

    /** No monitor: a virtual thread that waits for one would pin its carrier (before JDK 24). */
    private final ReentrantLock lock = new ReentrantLock();

    private final LoopChannel channel;

    Turn(LoopChannel channel) {
        this.channel = channel;
    }

    /** Returns the time at which a timeout ends, in the terms of {@link System#nanoTime}; unused without a timeout. */
    static long deadline(long timeoutNanos) {
        return timeoutNanos == Operation.FOREVER ? 0 : System.nanoTime() + timeoutNanos;
    }

    /**
     * Makes it the calling thread's turn, until {@link #end}.
     *
     * @return false if the time was up before
     * @throws ClosedByInterruptException if the thread was interrupted, which has closed the channel
     */
    boolean begin(long deadline, long timeoutNanos) throws AsynchronousCloseException {
        if (lock.tryLock()) {
            return true;
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (timeoutNanos != Operation.FOREVER) {
                        return lock.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    }
                    lock.lockInterruptibly();
                    return true;
                } catch (InterruptedException early) {
                    interrupted = true;
                    if (channel.heedsInterrupt()) {
                        Thread.currentThread().interrupt();
                        channel.endWait(false);
                        throw new ClosedByInterruptException();
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Makes it the calling thread's turn, if it is nobody's. */
    boolean tryBegin() {
        return lock.tryLock();
    }

    void end() {
        lock.unlock();
    }
}
