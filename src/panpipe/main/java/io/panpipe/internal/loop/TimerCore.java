/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A timer that users start and stop: when it is due, and how often. */
public final class TimerCore extends HandleCore {

    private final Entry entry = new Entry();
    private @Nullable Object callback;
    private long repeatNanos;

    private final class Entry extends TimerQueue.Entry {
        @Override
        protected void fire() {
            TimerCore.this.fire();
        }
    }

    public TimerCore(LoopCore loop, Object handle) {
        super(loop, handle);
    }

    /**
     * Starts it, anew if it was started already.
     *
     * @param told called each time
     * @param first nanoseconds until the first call
     * @param repeat nanoseconds between calls; 0 for only one
     */
    public void start(Object told, long first, long repeat) {
        repeatNanos = repeat;
        callback = told;
        schedule(first);
    }

    public void stop() {
        loop().timers().remove(entry);
        setActive(false);
    }

    /** Tells whether it was ever started. */
    public boolean wasStarted() {
        return callback != null;
    }

    /** Begins the time anew if it repeats, and stops it otherwise. */
    public void again() {
        if (repeatNanos > 0) {
            schedule(repeatNanos);
        } else {
            stop();
        }
    }

    public long repeatNanos() {
        return repeatNanos;
    }

    public void repeatNanos(long next) {
        repeatNanos = next;
    }

    /** Returns how long until it is due; 0 if it is, or is not started. */
    public long nanosToDue() {
        return entry.isQueued() ? Math.max(0, entry.due() - loop().freshNanos()) : 0;
    }

    private void schedule(long nanos) {
        loop().timers().remove(entry);
        loop().timers().addAfter(entry, loop().freshNanos(), nanos);
        setActive(true);
    }

    private void fire() {
        if (repeatNanos > 0) {
            schedule(repeatNanos);
        } else {
            setActive(false);
        }
        Object due = callback;
        if (due != null) {
            loop().front().call(this, due);
        }
    }

    @Override
    protected void describe(List<String> facts) {
        facts.add(entry.isQueued()
                ? "due in " + LoopDump.seconds(Math.max(0, entry.due() - loop().clockNanos()))
                : "not started");
        if (repeatNanos > 0) {
            facts.add("repeats every " + LoopDump.seconds(repeatNanos));
        }
    }

    @Override
    protected boolean release() {
        stop();
        return true;
    }
}
