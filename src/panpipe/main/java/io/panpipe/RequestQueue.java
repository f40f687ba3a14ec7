/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import org.jspecify.annotations.Nullable;

/**
 * The write requests of one stream in order: where in the stream of bytes each ends, who is to be called, and what
 * became of it. A ring of parallel arrays, so that a request makes no object.
 */
final class RequestQueue {

    private long[] ends = new long[8];
    private @Nullable Object[] callbacks = new Object[8];
    private @Nullable PanpipeException[] errors = new PanpipeException[8];
    private int head;
    private int count;
    private int done;

    /**
     * Adds a request that is done once the stream has written up to {@code end}. One without a callback continues the one
     * before it, if that has none either: a thousand small writes are one entry, and one report if they fail.
     */
    void add(long end, @Nullable StreamCallback<?> callback) {
        if (callback == null && count > done) {
            int last = index(count - 1);
            if (callbacks[last] == null && errors[last] == null) {
                ends[last] = end;
                return;
            }
        }
        add(end, callback, null);
    }

    /** Adds a request that comes to its end there, and to a bad one if {@code error} is not null. */
    void add(long end, @Nullable StreamCallback<?> callback, @Nullable PanpipeException error) {
        reserve();
        int at = index(count++);
        ends[at] = end;
        callbacks[at] = callback;
        errors[at] = error;
    }

    /** Lets the last request, which has no callback and is not done, end at {@code end}. */
    void extend(long end) {
        ends[index(count - 1)] = end;
    }

    /** Makes room for one more request. */
    void reserve() {
        if (count == ends.length) {
            grow();
        }
    }

    private int index(int request) {
        return head + request & ends.length - 1;
    }

    private void grow() {
        int length = ends.length;
        long[] newEnds = new long[length * 2];
        Object[] newCallbacks = new Object[length * 2];
        PanpipeException[] newErrors = new PanpipeException[length * 2];
        for (int i = 0; i < count; i++) {
            newEnds[i] = ends[index(i)];
            newCallbacks[i] = callbacks[index(i)];
            newErrors[i] = errors[index(i)];
        }
        ends = newEnds;
        callbacks = newCallbacks;
        errors = newErrors;
        head = 0;
    }

    /** Marks as done what ends at or before that many bytes; drops it at once where nobody is to be told. */
    void complete(long written) {
        while (done < count && ends[index(done)] <= written) {
            if (done == 0 && callbacks[head] == null && errors[head] == null) {
                drop();
            } else {
                done++;
            }
        }
    }

    /** Marks all that is not done yet as failed. */
    void fail(PanpipeException error) {
        while (done < count) {
            errors[index(done++)] = error;
        }
    }

    /** Returns how many bytes behind those written belong to requests of which nobody is told. */
    long bytesUnclaimed(long written) {
        long bytes = 0;
        long from = written;
        for (int i = done; i < count; i++) {
            int at = index(i);
            if (!OutputRequests.isToldOf(callbacks[at])) {
                bytes += Math.max(0, ends[at] - from);
            }
            from = Math.max(from, ends[at]);
        }
        return bytes;
    }

    /** Tells whether all requests are done, told or not. */
    boolean isAllDone() {
        return done == count;
    }

    /** Returns how many requests are done and not told. */
    int done() {
        return done;
    }

    boolean isEmpty() {
        return count == 0;
    }

    @Nullable StreamCallback<?> callback() {
        return (StreamCallback<?>) callbacks[head];
    }

    @Nullable PanpipeException error() {
        return errors[head];
    }

    /** Removes the first request, which is being told. */
    void removeTold() {
        done--;
        drop();
    }

    private void drop() {
        callbacks[head] = null;
        errors[head] = null;
        head = index(1);
        count--;
    }

    /** Gives back what a long queue took. */
    void trim() {
        if (count == 0 && ends.length > 1024) {
            Object[] newCallbacks = new Object[8];
            PanpipeException[] newErrors = new PanpipeException[8];
            ends = new long[8];
            callbacks = newCallbacks;
            errors = newErrors;
            head = 0;
        }
    }
}
