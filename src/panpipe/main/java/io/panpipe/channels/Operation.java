/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Something that one thread asks and the loop's thread does: waited for by a thread, or promised by a future.
 *
 * <p>Who has the operation has what belongs to it, such as the user's buffer. It <em>waits</em> until the loop
 * <em>takes</em> it; the loop then finishes it, or puts it back if the system is not ready. A waiting one may be
 * <em>withdrawn</em>, when the time is up, its thread interrupted, its channel closed or its future cancelled: so
 * nobody ever waits for the loop in order to give up, and the loop never touches a buffer that is its user's again.
 *
 * @param <T> what the future is completed with
 */
abstract class Operation<T> {

    /** How a wait ended. */
    enum Outcome {
        DONE,
        TIMED_OUT,
        INTERRUPTED,
        CLOSED
    }

    /** A timeout that never comes. */
    static final long FOREVER = 0;

    private static final int IDLE = 0;
    private static final int WAITING = 1;
    private static final int TAKEN = 2;
    private static final int DONE = 3;
    private static final int WITHDRAWN = 4;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Operation.class, "state", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /**
     * Whoever makes it WAITING hands over all that belongs to the operation by that, to whoever takes or withdraws it; whoever
     * makes it DONE hands it back, to who finds that in await.
     */
    private volatile int state = IDLE;
    private volatile @Nullable Thread waiter;
    private @Nullable OperationFuture<T> future;
    private Loop.@Nullable Registration untilDone;
    private @Nullable Throwable failure;

    // The thread that asks.

    /** Lets the loop take this operation, for which the calling thread is going to {@link #await}. */
    final void beginWait() {
        failure = null;
        waiter = Thread.currentThread(); // with volatile by finish and nudge
        state = WAITING; // with compare-and-set by take
    }

    /** Promises the result of this operation, which the loop cannot take yet: the calling thread may {@link #finish} it. */
    final OperationFuture<T> promise(Loop loop) {
        OperationFuture<T> promise = new OperationFuture<>(loop, this);
        future = promise;
        return promise;
    }

    /** Lets the loop take this operation, and promises its result, which fails when the loop's run does. */
    final OperationFuture<T> beginFuture(Loop loop) {
        OperationFuture<T> present = future;
        OperationFuture<T> promise = present == null ? promise(loop) : present;
        untilDone = loop.onRunFailure(this::runFailed);
        state = WAITING; // with compare-and-set by take
        return promise;
    }

    /**
     * Waits until the loop has finished this operation; in any other case it is withdrawn.
     *
     * @param deadline in the terms of {@link System#nanoTime}; unused without a timeout
     * @param timeoutNanos {@link #FOREVER} or how long the wait may last in all
     * @param channel what ends the wait by being closed, or null
     */
    final Outcome await(long deadline, long timeoutNanos, @Nullable LoopChannel channel) {
        if (channel != null && channel.isOpen()) {
            requireRunner(channel.loop());
        }
        boolean heeds = channel == null || channel.heedsInterrupt();
        boolean interrupted = false;
        try {
            while (state != DONE) { // with volatile by finish: its failure and its bytes are seen
                // Taken back until the end, or nothing here would wait.
                interrupted |= !heeds && Thread.interrupted();
                Outcome early = early(heeds, deadline, timeoutNanos, channel);
                if (early != null) {
                    if (withdraw()) {
                        return early;
                    }
                } else if (timeoutNanos == FOREVER) {
                    // Not the longest of times: each timed wait of a virtual thread is an entry in a queue of timers.
                    park(FOREVER);
                } else {
                    park(Math.max(1, deadline - System.nanoTime()));
                }
            }
            return Outcome.DONE;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits for a moment, until this is finished or nudged.
     *
     * @param nanos how long at most, or {@link #FOREVER}
     */
    void park(long nanos) {
        if (nanos == FOREVER) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** Refuses a wait that began when the loop's run had failed, which has told those who waited by then. */
    private void requireRunner(Loop loop) {
        try {
            loop.requireRunningElsewhere();
        } catch (IllegalStateException refused) {
            if (withdraw()) {
                throw refused;
            }
        }
    }

    /** Fails it, if it still waits, because its loop does not run any more. */
    void runFailed() {
        fail(new IOException("the run of the loop has ended by an exception, and nobody does this any more"));
    }

    /** Returns why the wait is to end now, or null. */
    private static @Nullable Outcome early(
            boolean heedsInterrupt, long deadline, long timeoutNanos, @Nullable LoopChannel channel) {
        if (heedsInterrupt && Thread.currentThread().isInterrupted()) {
            return Outcome.INTERRUPTED;
        }
        if (channel != null && !channel.isOpen()) {
            return Outcome.CLOSED;
        }
        return timeoutNanos != FOREVER && deadline - System.nanoTime() <= 0 ? Outcome.TIMED_OUT : null;
    }

    /** Ends the wait of the thread that waits, if there is one, so that it looks at its channel again. */
    void nudge() {
        LockSupport.unpark(waiter);
    }

    /**
     * Takes this operation back, so that the loop never touches it again.
     *
     * @return false if the loop has finished it, or it was withdrawn before
     */
    final boolean withdraw() {
        while (true) {
            if (STATE.compareAndSet(this, WAITING, WITHDRAWN)) { // with volatile by putBack, and compare-and-set by take
                leaveLoop();
                withdrawn();
                return true;
            }
            if (state != TAKEN && state != WAITING) { // with volatile by finish
                return false;
            }
            // The loop is at it, for as long as one call of the system that does not block.
            Thread.yield();
        }
    }

    private void leaveLoop() {
        Loop.Registration present = untilDone;
        if (present != null) {
            present.close();
        }
    }

    /** Called on the thread that has withdrawn this operation. */
    void withdrawn() {}

    /** Tells whether it is to be done yet, or about to be. */
    final boolean isPending() {
        int present = state;
        return present == WAITING || present == TAKEN;
    }

    /**
     * Throws what a finished operation failed with.
     *
     * @throws IOException its failure, with the stack of the calling thread
     */
    final void throwFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException refused -> throw traced(refused);
            case RuntimeException misuse -> throw misuse;
            case Error error -> throw error;
            default -> throw new IOException(failure);
        }
    }

    final @Nullable Throwable failure() {
        return failure;
    }

    /** Gives a failure the stack of the thread that asked: the loop's thread made it, and records none. */
    static <E extends IOException> E traced(E failure) {
        failure.setStackTrace(new Throwable().getStackTrace());
        return failure;
    }

    /** Makes what is thrown when the time is up. */
    static InterruptedIOException timeout(String what, long nanos, long bytes) {
        SocketTimeoutException late = new SocketTimeoutException(what + ": not within " + Duration.ofNanos(nanos));
        late.bytesTransferred = (int) Math.min(bytes, Integer.MAX_VALUE);
        return late;
    }

    // The loop's thread.

    /** Has this operation for the loop, until it is put back or finished. */
    final boolean take() {
        // With volatile by beginWait, beginFuture and putBack, and compare-and-set by withdraw.
        return STATE.compareAndSet(this, WAITING, TAKEN);
    }

    /** Waits on for the system. */
    final void putBack() {
        state = WAITING; // with compare-and-set by withdraw: who gives up sees what was read so far
    }

    /** Tells who asked that it is done. */
    final void finish(@Nullable Throwable why) {
        OperationFuture<T> promise = future;
        failure = why;
        Thread thread = waiter; // with volatile by beginWait
        leaveLoop();
        state = DONE; // with volatile by await and withdraw
        if (promise == null) {
            LockSupport.unpark(thread);
        } else if (why != null) {
            promise.fail(why);
        } else {
            succeed(promise);
        }
    }

    private void succeed(OperationFuture<T> promise) {
        T value;
        try {
            value = result();
        } catch (Throwable failed) {
            promise.fail(failed);
            return;
        }
        promise.succeed(value);
    }

    /**
     * Fails it for what was thrown while the loop was at it, whether the loop has it at the moment or had put it back: whoever
     * takes an operation finishes it, whatever happens, or its user waits for ever.
     */
    final void abandon(Throwable thrown) {
        if (state == TAKEN || take()) {
            finish(thrown);
        }
    }

    /** Fails it, if it still waits. */
    final void fail(Throwable why) {
        if (take()) {
            finish(why);
        }
    }

    /** Returns what the future is completed with. */
    abstract T result();
}
