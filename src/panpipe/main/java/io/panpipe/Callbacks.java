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
    private final UncaughtExceptions uncaught = new UncaughtExceptions();

    /**
     * Makes those of one loop.
     *
     * @param watch who is told of failures that nobody asked to be told of, or null
     */
    Callbacks(Loop loop, LoopBuffers buffers, @Nullable LoopWatch watch) {
        this.loop = loop;
        this.buffers = buffers;
        this.watch = watch;
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
        buffers.flush();
    }

    /** Calls back about a request of a stream. */
    <S> void call(StreamCallback<? super S> callback, S stream, @Nullable PanpipeException error) {
        try {
            callback.call(stream, error);
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
        buffers.flush();
    }

    /** Tells of a request that failed and had no callback. */
    void unclaimed(PanpipeException error) {
        if (watch != null) {
            watch.failedUnclaimed(error);
        }
        uncaught.handle(loop, "a request without a callback failed: " + error.getMessage(), error);
    }

    /** Tells of what a callback or task threw. */
    void uncaught(Throwable thrown) {
        uncaught.handle(loop, "a callback or task threw", thrown);
    }

    /** Tells the user of something that no callback tells; a log that throws is treated as a callback that does. */
    void warn(String text) {
        if (watch != null && watch.warned(text)) {
            return;
        }
        try {
            UserLog.warning(text);
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
    }

    /** Tells what could not be told before, for want of descriptors. */
    void retryLog() {
        try {
            UserLog.retry();
        } catch (Throwable thrown) {
            uncaught(thrown);
        }
    }

    /** Throws what the handler of uncaught exceptions threw in this turn, if it did. */
    void throwFatal() {
        uncaught.throwFatal();
    }
}
