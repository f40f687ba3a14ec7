/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * Notices that a stream has moved no bytes for a time. Moving bytes only notes the time; the timer, when it is due, looks
 * at the note and waits for the rest, so that a busy stream does not move its timer with every read.
 */
final class IdleTimeout extends TimerQueue.Entry {

    private final StreamState<?> stream;
    private final long nanos;
    private final HandleCallback<?> callback;
    private long lastMoved;

    IdleTimeout(StreamState<?> stream, long nanos, HandleCallback<?> callback) {
        this.stream = stream;
        this.nanos = nanos;
        this.callback = callback;
        lastMoved = stream.loop().freshNanos();
        schedule();
    }

    private void schedule() {
        long due = lastMoved + nanos;
        stream.loop().timers.add(this, due < 0 ? Long.MAX_VALUE : due);
    }

    void touched() {
        lastMoved = stream.loop().freshNanos();
        if (!isQueued()) {
            schedule();
        }
    }

    void cancel() {
        stream.loop().timers.remove(this);
    }

    @Override
    void fire() {
        if (lastMoved + nanos > stream.loop().nanos()) {
            schedule();
        } else {
            stream.call(callback);
        }
    }
}
