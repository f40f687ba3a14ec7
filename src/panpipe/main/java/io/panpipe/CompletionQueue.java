/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayDeque;

/** The handles that have finished requests whose callbacks are due, first in, first out. */
final class CompletionQueue {

    private final ArrayDeque<DescriptorHandle> due = new ArrayDeque<>();

    void add(DescriptorHandle stream) {
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
