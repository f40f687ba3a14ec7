/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The started timers of a loop, next first: a heap with four children a node, which is flatter than a binary one and
 * finds the children of a node side by side in memory. Timers of the same time run in the order of their starts.
 */
public final class TimerQueue {

    /** A timer as the queue knows it. */
    public abstract static class Entry {

        private int slot = -1;
        private long due;
        private long sequence;

        public final boolean isQueued() {
            return slot >= 0;
        }

        /** Returns when it is due, on the loop's clock in nanoseconds. */
        public final long due() {
            return due;
        }

        /** The time has come; the entry is not queued any more. */
        protected abstract void fire();
    }

    private static final int CHILDREN = 4;

    private @Nullable Entry[] heap = new Entry[16];
    private int size;
    private long sequence;

    /** Starts a timer that is not started, for a time on the loop's clock. */
    public void add(Entry entry, long due) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        entry.due = due;
        entry.sequence = sequence++;
        siftUp(size++, entry);
    }

    /** Starts a timer that is not started, for so long after another time. */
    public void addAfter(Entry entry, long time, long nanos) {
        add(entry, after(time, nanos));
    }

    /** Returns the time that is so long after another, both 0 or more: the last there is where that would be beyond it. */
    public static long after(long time, long nanos) {
        long due = time + nanos;
        return due < 0 ? Long.MAX_VALUE : due;
    }

    /** Stops a timer. Without effect if it is not started. */
    public void remove(Entry entry) {
        int slot = entry.slot;
        if (slot < 0) {
            return;
        }
        entry.slot = -1;
        Entry moved = at(--size);
        heap[size] = null;
        if (moved != entry) {
            if (slot > 0 && isBefore(moved, at(parent(slot)))) {
                siftUp(slot, moved);
            } else {
                siftDown(slot, moved);
            }
        }
    }

    /** Returns how long until the next timer is due, in nanoseconds; 0 if it is, -1 without timers. */
    long nanosToNext(long now) {
        return size == 0 ? -1 : Math.max(0, at(0).due - now);
    }

    /** Runs what is due by the loop's time; a timer started in here has its turn in the next turn, even with timeout 0. */
    void runDue(LoopCore loop) {
        long now = loop.nanos();
        long started = sequence;
        while (size > 0) {
            Entry first = at(0);
            if (first.due > now || first.sequence >= started) {
                return;
            }
            remove(first);
            try {
                first.fire();
            } catch (Throwable thrown) {
                loop.uncaught(thrown);
            }
        }
    }

    private Entry at(int slot) {
        Entry entry = heap[slot];
        if (entry == null) {
            throw new IllegalStateException("a hole in the heap of timers");
        }
        return entry;
    }

    private static int parent(int slot) {
        return (slot - 1) / CHILDREN;
    }

    private static boolean isBefore(Entry a, Entry b) {
        return a.due < b.due || a.due == b.due && a.sequence < b.sequence;
    }

    private void siftUp(int from, Entry entry) {
        int slot = from;
        while (slot > 0) {
            Entry above = at(parent(slot));
            if (!isBefore(entry, above)) {
                break;
            }
            put(slot, above);
            slot = parent(slot);
        }
        put(slot, entry);
    }

    private void siftDown(int from, Entry entry) {
        int slot = from;
        while (true) {
            int child = slot * CHILDREN + 1;
            if (child >= size) {
                break;
            }
            int smallest = child;
            for (int other = child + 1; other < Math.min(child + CHILDREN, size); other++) {
                if (isBefore(at(other), at(smallest))) {
                    smallest = other;
                }
            }
            if (!isBefore(at(smallest), entry)) {
                break;
            }
            put(slot, at(smallest));
            slot = smallest;
        }
        put(slot, entry);
    }

    private void put(int slot, Entry entry) {
        heap[slot] = entry;
        entry.slot = slot;
    }
}
