/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.LoopWatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What of a loop is due before it waits again: outputs that have something to send, when the present callback has returned; and
 * handles that have finished requests to tell of, in the next round.
 */
public final class Due {

    /** Something that sends what was written in a callback when that callback returns. */
    public interface Sender {
        /** Sends what was noted with {@link Due#sendSoon}. */
        void sendNoted();
    }

    private final @Nullable LoopWatch watch;
    private final ArrayList<Sender> unsent = new ArrayList<>();
    private final ArrayDeque<ChannelCore> untold = new ArrayDeque<>();

    Due(@Nullable LoopWatch watch) {
        this.watch = watch;
    }

    /** Notes who has something to send when the present callback returns, or before the loop waits. */
    public void sendSoon(Sender output) {
        unsent.add(output);
    }

    /** Sends what was written since the last time. Called after each callback. */
    void send() {
        if (watch != null) {
            watch.callbackEnded();
        }
        if (unsent.isEmpty()) {
            return;
        }
        int sent = 0;
        try {
            while (sent < unsent.size()) {
                unsent.get(sent++).sendNoted();
            }
            unsent.clear();
        } finally {
            if (!unsent.isEmpty()) {
                // One has thrown; those behind it are sent the next time.
                unsent.subList(0, sent).clear();
            }
        }
    }

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    /** Notes a handle that has something to tell. */
    void tellSoon(ChannelCore handle) {
        untold.add(handle);
    }

    boolean hasUntold() {
        return !untold.isEmpty();
    }

    /** Runs the callbacks due so far; what they ask for comes in the next round. */
    void tell() {
        for (int left = untold.size(); left > 0; left--) {
            untold.remove().runCompletions();
        }
    }
}
