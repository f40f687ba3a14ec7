/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.LoopWatch;
import org.jspecify.annotations.Nullable;

/** Calls the user back: catches what a callback throws, and sends what it wrote. */
final class Callbacks {

    private final Loop loop;
    private final LoopBuffers buffers;
    private final @Nullable LoopWatch watch;
    private final UncaughtExceptions uncaught;

    /**
     * Makes those of one loop.
     *
     * @param watch who is told of failures that nobody asked to be told of, or null
     */
    Callbacks(Loop loop, LoopBuffers buffers, @Nullable LoopWatch watch) {
        this.loop = loop;
        this.buffers = buffers;
        this.watch = watch;
        uncaught = new UncaughtExceptions(loop);
    }

    void uncaughtExceptionHandler(LoopExceptionHandler handler) {
        uncaught.handler(handler);
    }

    /** Calls back about a handle. */
    <H> void call(HandleCallback<? super H> callback, H handle) {
        try {
            callback.call(handle);
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
        sendWritten();
    }

    /** Calls back about a request of a stream. */
    <S> void call(StreamCallback<? super S> callback, S stream, @Nullable PanpipeException error) {
        try {
            callback.call(stream, error);
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
        sendWritten();
    }

    /** Sends what was written since the last time. After each callback and task. */
    void sendWritten() {
        try {
            buffers.flush();
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
    }

    /** Tells of a request that failed and had no callback. */
    void unclaimed(PanpipeException error) {
        if (watch != null) {
            watch.failedUnclaimed(error);
        }
        uncaught.unclaimed(error);
    }

    /** Tells of what a callback or task threw, or the loop's own work. */
    void uncaught(Throwable thrown) {
        uncaught.handle("a callback or task threw", thrown);
    }

    /** Tells the user of something that no callback tells. */
    void warn(String text) {
        if (watch == null || !watch.warned(text)) {
            uncaught.warn(text);
        }
    }

    /** Tells what could not be told before, for want of descriptors. */
    void retryLog() {
        UserLog.retry();
    }

    /** Tells, at the loop's end, what was left out of the log. */
    void tellOmitted() {
        uncaught.tellOmitted();
    }

    /** Throws what the handler of uncaught exceptions threw in this turn, if it did. */
    void throwFatal() {
        uncaught.throwFatal();
    }
}
