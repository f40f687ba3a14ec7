/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.loop.TimerQueue;

/**
 * Notices that a stream has moved no bytes for a time. Moving bytes only notes the time; the timer, when it is due, looks
 * at the note and waits for the rest, so that a busy stream does not move its timer with every read.
 */
final class IdleTimeout extends TimerQueue.Entry {

    private final StreamCore stream;
    private final long nanos;
    private final Object callback;
    private long lastMoved;

    IdleTimeout(StreamCore stream, long nanos, Object callback) {
        this.stream = stream;
        this.nanos = nanos;
        this.callback = callback;
        lastMoved = stream.loop().freshNanos();
        schedule();
    }

    private void schedule() {
        stream.loop().timers().addAfter(this, lastMoved, nanos);
    }

    void touched() {
        lastMoved = stream.loop().freshNanos();
        if (!isQueued()) {
            schedule();
        }
    }

    void cancel() {
        stream.loop().timers().remove(this);
    }

    @Override
    protected void fire() {
        if (lastMoved + nanos > stream.loop().nanos()) {
            schedule();
        } else {
            stream.call(callback);
        }
    }
}
