/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.LoopWatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The callback of a write on a loop that is watched: looks whether the data is still what it was, before the user is called.
 */
public final class WatchedWrite {

    private final Runnable check;
    private final @Nullable Object callback;

    private WatchedWrite(Runnable check, @Nullable Object callback) {
        this.check = check;
        this.callback = callback;
    }

    /** Returns the callback to queue for a write: the user's own where nobody watches. */
    public static @Nullable Object of(LoopCore loop, ByteBuffer data, @Nullable Object callback) {
        LoopWatch watch = loop.watch();
        // Of a read-only buffer nobody can tell whether it is what loops read into.
        return watch == null || data.isReadOnly() ? callback : new WatchedWrite(watch.writing(data), callback);
    }

    /** As for one buffer: a single callback for all of a list, however long that is. */
    public static @Nullable Object of(LoopCore loop, List<ByteBuffer> data, @Nullable Object callback) {
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
        return new WatchedWrite(() -> checks.forEach(Runnable::run), callback);
    }

    /** Returns whom to call for a write that is done: for one that is watched, behind the look at its data. */
    public static @Nullable Object toTell(LoopCore loop, @Nullable Object queued) {
        if (!(queued instanceof WatchedWrite watched)) {
            return queued;
        }
        try {
            watched.check.run();
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        if (watched.callback == null) {
            loop.sendWritten();
        }
        return watched.callback;
    }

    /** Returns the callback of the user's, or null if there is none. */
    public @Nullable Object callback() {
        return callback;
    }
}
