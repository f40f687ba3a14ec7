/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The connections that a listener has not accepted yet, oldest first, and who waits for room to become one. */
final class Backlog<S extends StreamSocket<S>> {

    private final Deque<S> waiting = new ArrayDeque<>(1);
    private final List<PendingConnect> knocking = new ArrayList<>(0);
    private int limit;

    void limit(int connections) {
        limit = connections;
        answerKnocks();
    }

    /** Linux lets one more wait than listen was told: it refuses when the queue is longer than the limit. */
    boolean isFull() {
        return waiting.size() > limit;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void add(S connection) {
        waiting.add(connection);
    }

    /** Remembers who is to try again when there is room, or nobody here any more. */
    void knock(PendingConnect attempt) {
        if (!knocking.contains(attempt)) {
            knocking.add(attempt);
        }
    }

    @Nullable S peek() {
        return waiting.peek();
    }

    void remove(S connection) {
        waiting.remove(connection);
        answerKnocks();
    }

    /** Resets whom nobody will accept any more. */
    void resetAll() {
        // A copy: a connection that ends may end others, by the messages that wait in it.
        List<S> lost = List.copyOf(waiting);
        waiting.clear();
        lost.forEach(StreamSocket::close);
        answerKnocks();
    }

    private void answerKnocks() {
        List<PendingConnect> attempts = List.copyOf(knocking);
        knocking.clear();
        attempts.forEach(PendingConnect::later);
    }
}
