/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayDeque;

/** The streams that have finished requests whose callbacks are due, first in, first out. */
final class CompletionQueue {

    private final ArrayDeque<StreamState<?>> due = new ArrayDeque<>();


    void add(StreamState<?> stream) {
        due.add(stream);
    }

    boolean isEmpty() {
        return due.isEmpty();
    }

    /** Runs the callbacks due so far; what they ask for comes in the next round. */
    void run() {
        for (int left = due.size(); left > 0; left--) {
            due.remove().runCompletions();
        }
    }
}
