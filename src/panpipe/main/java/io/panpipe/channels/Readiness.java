/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.internal.stream.CallerIo;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import org.jspecify.annotations.Nullable;

/**
 * A thread's wait until it is worth trying again to read or to write for itself. A platform thread blocks in the system, which
 * saves it the way through the loop's thread; a virtual one is parked, and the loop tells it.
 */
final class Readiness extends Operation<@Nullable Void> {

    private final LoopChannel channel;
    private final boolean input;
    private volatile @Nullable CallerIo io;
    private volatile boolean stopped;
    private boolean blocks;
    private boolean unable;

    /** Makes that of one direction. */
    Readiness(LoopChannel channel, boolean input) {
        this.channel = channel;
        this.input = input;
    }

    /** Says what is waited for; before any wait. */
    void start(CallerIo direct) {
        io = direct;
    }

    /**
     * Blocks the calling thread, if it is a platform thread.
     *
     * @param what the call, for the message when the time is up
     * @param done the bytes that were moved before
     * @return false if it is to wait for the loop, and the system has not waited for it, or not to the end
     */
    boolean block(CallerIo direct, String what, long deadline, long timeoutNanos, long done) throws IOException {
        if (Thread.currentThread().isVirtual() || !direct.mayPark(input)) {
            return false;
        }
        try {
            beginWait();
            if (stopped) {
                // Nobody else ends this wait: what stopped it looked for one before.
                tell();
            }
            blocks = true;
            unable = false;
            end(what, deadline, timeoutNanos, done);
        } finally {
            blocks = false;
            direct.parked(input);
        }
        return !unable;
    }

    /** Waits for what the loop tells, after {@link #beginWait}. */
    void end(String what, long deadline, long timeoutNanos, long done) throws IOException {
        switch (await(deadline, timeoutNanos, channel)) {
            case DONE -> throwFailure();
            case TIMED_OUT -> throw timeout(what, timeoutNanos, done);
            case INTERRUPTED, CLOSED -> throw new AsynchronousCloseException();
        }
    }

    @Override
    void park(long nanos) {
        CallerIo direct = io;
        if (!blocks || direct == null) {
            super.park(nanos);
            return;
        }
        int result = direct.park(input, nanos);
        if (result != CallerIo.WOKEN) {
            // Where the system refuses to wait it would refuse again, and again.
            unable = result == CallerIo.UNABLE;
            tell();
        }
    }

    /** Ends the wait, if there is one. */
    boolean tell() {
        if (!take()) {
            return false;
        }
        finish(null);
        return true;
    }

    /**
     * Ends the wait, if there is one, on the loop's thread. What it tells may be late, and for an earlier wait; a thread that
     * blocks in the system by now looks again, since nothing else that is told would reach a wait that is over.
     */
    boolean told() {
        if (!tell()) {
            return false;
        }
        wake();
        return true;
    }

    /** Ends the wait, and from now on each that is to {@link #block} a thread, since there is nothing to wait for. */
    void stop() {
        stopped = true;
        told();
    }

    @Override
    void nudge() {
        super.nudge();
        wake();
    }

    @Override
    void runFailed() {
        super.runFailed();
        wake();
    }

    private void wake() {
        CallerIo direct = io;
        if (direct != null) {
            direct.wake(input);
        }
    }

    @Override
    @Nullable Void result() {
        return null;
    }
}
