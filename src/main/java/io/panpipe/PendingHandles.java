/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import java.util.ArrayDeque;

/**
 * The descriptors that have come over one IPC pipe and wait to be accepted, first in, first out.
 *
 * <p>A peer that sends handles faster than they are accepted must not exhaust this process, so the pipe stops reading
 * while too many wait; the peer then waits too, once its socket buffer is full.
 */
final class PendingHandles {

    /** As many may wait before reading pauses; one more message can bring another 253. */
    private static final int MOST_WAITING = 64;

    private final Selector selector;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean lost;

    private record Waiting(long descriptor, PendingType type) {}

    PendingHandles(Loop loop) {
        selector = loop.selector();
    }

    /** Takes what the last read has brought. */
    void take(HandleInbox inbox) {
        lost |= inbox.isTruncated();
        for (int i = 0; i < inbox.count(); i++) {
            if (lost) {
                // Which of them are missing is not known: a rest would be taken for something else.
                selector.closeDescriptor(inbox.descriptor(i));
            } else {
                waiting.add(new Waiting(inbox.descriptor(i), typeOf(inbox.descriptor(i))));
            }
        }
    }

    private PendingType typeOf(long descriptor) {
        try {
            return PendingType.of(selector.kindOf(descriptor));
        } catch (KernelException unknown) {
            // A descriptor that stat(2) refuses is still a descriptor.
            return PendingType.DESCRIPTOR;
        }
    }

    int count() {
        return waiting.size();
    }

    boolean isFull() {
        return waiting.size() >= MOST_WAITING;
    }

    /** Tells, once, whether descriptors were lost. */
    boolean takeLost() {
        boolean was = lost;
        lost = false;
        return was;
    }

    PendingType type() {
        Waiting first = waiting.peek();
        return first == null ? PendingType.NONE : first.type;
    }

    /** Returns the first descriptor, which stays until {@link #remove}. */
    long first() {
        return waiting.element().descriptor;
    }

    void remove() {
        waiting.remove();
    }

    void closeAll() {
        while (!waiting.isEmpty()) {
            selector.closeDescriptor(waiting.remove().descriptor);
        }
    }
}
