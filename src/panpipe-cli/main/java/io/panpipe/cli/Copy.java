/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.ReadCallback;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Copies one stream to another as {@code pipeTo} does, for those who want to see the bytes that go through. */
final class Copy implements ReadCallback<StreamHandle<?>>, StreamCallback<StreamHandle<?>> {

    private final StreamHandle<?> from;
    private final StreamHandle<?> to;
    private final Tap tap;
    private final StreamCallback<StreamHandle<?>> done;
    private boolean paused;
    private boolean finished;

    /** Sees what is copied. */
    interface Tap {

        /** Sees bytes, between position and limit, which it must leave where they are. */
        void data(ByteBuffer data);

        /** Sees the end of the stream. */
        default void end() {}
    }

    private Copy(StreamHandle<?> from, StreamHandle<?> to, Tap tap, StreamCallback<StreamHandle<?>> done) {
        this.from = from;
        this.to = to;
        this.tap = tap;
        this.done = done;
    }

    /**
     * Starts copying, with back-pressure, until the end of the source, which is passed on as a half-close where there
     * is such a thing; otherwise the sink stays writable.
     *
     * @param tap who sees the bytes; without one the library copies by itself
     * @param done called once with the source, as in {@code pipeTo}
     */
    static void start(
            StreamHandle<?> from, StreamHandle<?> to, @Nullable Tap tap, StreamCallback<StreamHandle<?>> done)
            throws PanpipeException {
        if (tap == null) {
            from.pipeTo(to, done);
            return;
        }
        Copy copy = new Copy(from, to, tap, done);
        to.onDrain(sink -> copy.resume());
        from.startRead(copy);
    }

    /** Something was read. */
    @Override
    public void call(StreamHandle<?> source, @Nullable ByteBuffer data, @Nullable PanpipeException error)
            throws Exception {
        if (data != null) {
            tap.data(data);
            if (!to.closed() && !to.write(data, this)) {
                paused = true;
                from.stopRead();
            }
        } else if (error != null && error.code() != ErrorCode.EOF) {
            finish(error);
        } else if (!to.closed()) {
            tap.end();
            to.shutdown((sink, refused) -> {
                // Where there is no half-close all is written all the same, as with pipeTo.
                finish(refused != null && refused.code() == ErrorCode.ENOTSUP ? null : refused);
            });
        }
    }

    /** Something was written. */
    @Override
    public void call(StreamHandle<?> sink, @Nullable PanpipeException error) throws Exception {
        if (error != null) {
            finish(error);
        }
    }

    private void resume() throws PanpipeException {
        if (paused && !finished && !from.closed()) {
            paused = false;
            from.startRead(this);
        }
    }

    private void finish(@Nullable PanpipeException error) throws Exception {
        if (!finished) {
            finished = true;
            from.stopRead();
            done.call(from, error);
        }
    }
}
