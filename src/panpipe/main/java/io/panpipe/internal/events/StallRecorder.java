/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.events;

import org.jspecify.annotations.Nullable;

/** Records one time after another in which a stream has bytes to send and none of them leaves. */
public final class StallRecorder {

    private final String handle;
    private @Nullable WriteStall stall;
    private long writtenBefore;

    /**
     * Makes the recorder of one stream.
     *
     * @param handle the stream's number
     */
    public StallRecorder(String handle) {
        this.handle = handle;
    }

    /**
     * Looks at what an attempt to send has left: a stall ends when bytes have left or none wait any more, and begins
     * when some wait.
     *
     * @param written bytes that have left since the stream's beginning
     * @param waiting bytes that are queued or in flight
     */
    public void observe(String name, long written, long waiting) {
        WriteStall present = stall;
        if (present != null && (written != writtenBefore || waiting == 0)) {
            stall = null;
            commit(present, name);
        }
        if (stall == null && waiting > 0) {
            begin(written, waiting);
        }
    }

    private void begin(long written, long waiting) {
        WriteStall next = new WriteStall();
        if (next.isEnabled()) {
            stall = next;
            writtenBefore = written;
            next.waiting = waiting;
            next.begin();
        }
    }

    private void commit(WriteStall ended, String name) {
        ended.end();
        if (ended.shouldCommit()) {
            ended.handle = handle;
            ended.name = name;
            ended.commit();
        }
    }
}
