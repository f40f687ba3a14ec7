/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.LoopWatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The callback of a write on a loop that is watched: looks whether the data is still what it was, and then calls the
 * user.
 */
final class WatchedWrite implements StreamCallback<Object> {

    private final Loop loop;
    private final Runnable check;
    private final @Nullable StreamCallback<?> callback;

    private WatchedWrite(Loop loop, Runnable check, @Nullable StreamCallback<?> callback) {
        this.loop = loop;
        this.check = check;
        this.callback = callback;
    }

    /** Returns the callback to queue for a write: the user's own where nobody watches. */
    static <S> @Nullable StreamCallback<? super S> of(
            Loop loop, ByteBuffer data, @Nullable StreamCallback<? super S> callback) {
        LoopWatch watch = loop.watch();
        // Of a read-only buffer nobody can tell whether it is what loops read into.
        return watch == null || data.isReadOnly()
                ? callback
                : new WatchedWrite(loop, watch.writing(data), callback);
    }

    /** As for one buffer: a single callback for all of a list, however long that is. */
    static <S> @Nullable StreamCallback<? super S> of(
            Loop loop, List<ByteBuffer> data, @Nullable StreamCallback<? super S> callback) {
        LoopWatch watch = loop.watch();
        if (watch == null) {
            return callback;
        }
        List<Runnable> checks = new ArrayList<>(data.size());
        for (ByteBuffer buffer : data) {
            if (!buffer.isReadOnly()) {
                checks.add(watch.writing(buffer));
            }
        }
        return new WatchedWrite(loop, () -> checks.forEach(Runnable::run), callback);
    }

    /** Tells whether the user hears of the write. */
    boolean isTold() {
        return callback != null;
    }

    @Override
    @SuppressWarnings("unchecked") // It was given to a write of this very handle.
    public void call(Object stream, @Nullable PanpipeException error) throws Exception {
        check.run();
        if (callback != null) {
            ((StreamCallback<Object>) callback).call(stream, error);
        } else if (error != null && error.code() != ErrorCode.ECANCELED) {
            loop.callbacks.unclaimed(error);
        }
    }
}
