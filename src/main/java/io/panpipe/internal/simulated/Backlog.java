/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The connections that a listener has not accepted yet, oldest first. */
final class Backlog {

    private final Deque<SimulatedSocket> waiting = new ArrayDeque<>();
    private int limit;

    void limit(int connections) {
        limit = connections;
    }

    /** Linux lets one more wait than listen was told: it refuses when the queue is longer than the limit. */
    boolean isFull() {
        return waiting.size() > limit;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void add(SimulatedSocket connection) {
        waiting.add(connection);
    }

    @Nullable SimulatedSocket peek() {
        return waiting.peek();
    }

    void remove(SimulatedSocket connection) {
        waiting.remove(connection);
    }

    /** Resets whom nobody will accept any more. */
    void resetAll() {
        waiting.forEach(SimulatedSocket::reset);
        waiting.clear();
    }
}
