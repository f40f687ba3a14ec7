/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.LoopWatch;
import org.jspecify.annotations.Nullable;

/**
 * What closes have thrown away of writes that nobody asked to be told of: a programming error, which the log tells once a
 * second at the most, since a slow reader at the other end may bring it about again and again.
 */
final class ThrownAway {

    private static final long QUIET_NANOS = 1_000_000_000;

    private final LoopCore loop;
    private final @Nullable LoopWatch watch;
    private boolean told;
    private long toldAt;
    private long moreStreams;
    private long moreBytes;

    ThrownAway(LoopCore loop, @Nullable LoopWatch watch) {
        this.loop = loop;
        this.watch = watch;
    }

    /** A close has thrown away so many bytes of a stream. */
    void add(HandleCore stream, long bytes) {
        long now = loop.clockNanos();
        if (watch == null && told && now - toldAt < QUIET_NANOS) {
            moreStreams++;
            moreBytes += bytes;
            return;
        }
        String text = stream + " is closed, and with it " + bytes + " bytes thrown away that were written without a"
                + " callback: close it in the callback of the last write";
        if (watch != null) {
            watch.threwAway(text);
        }
        loop.warn(moreStreams == 0
                ? text
                : text + "; since the last such message " + moreBytes + " more bytes of " + moreStreams + " streams");
        told = true;
        toldAt = now;
        moreStreams = 0;
        moreBytes = 0;
    }

    /** The loop ends, and no further message would tell of what the last ones have left out. */
    void tellRest() {
        if (moreStreams > 0) {
            loop.warn(moreStreams + " more streams were closed, and with them " + moreBytes
                    + " bytes thrown away that were written without a callback");
            moreStreams = 0;
            moreBytes = 0;
        }
    }
}
