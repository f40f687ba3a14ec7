/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.ChannelListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The handles of one loop that are not closed, linked through themselves so that a handle costs no further object, and
 * the first-in, first-out queue of those whose close callback is due. (libuv calls those of one turn in reverse.)
 */
final class HandleList {

    private @Nullable HandleCore first;
    private @Nullable HandleCore last;
    private final ArrayDeque<HandleCore> closing = new ArrayDeque<>();
    private final @Nullable CreationSites creationSites;
    private final @Nullable HandleWatch watch;
    private int closingHandles;
    private final Census census = new Census();

    /** How many handles there are, for whoever may not refer to them. */
    static final class Census {
        private int open;

        /** Returns how many are open; from another thread, how many were. */
        int open() {
            return open;
        }
    }

    /**
     * Makes an empty list.
     *
     * @param creationSites who remembers where handles were made, or null
     * @param watch who finds those that were forgotten, and has all of them instead of this list; or null
     */
    HandleList(@Nullable CreationSites creationSites, @Nullable HandleWatch watch) {
        this.creationSites = creationSites;
        this.watch = watch;
    }

    /** Returns the listener to give to a handle's channel, which must not hold a handle that may be forgotten. */
    ChannelListener listener(ChannelListener listener) {
        return watch == null ? listener : HandleWatch.loose(listener);
    }

    @Nullable CreationSites creationSites() {
        return creationSites;
    }

    Census census() {
        return census;
    }

    void add(HandleCore handle) {
        census.open++;
        if (creationSites != null) {
            creationSites.add(handle);
        }
        if (watch != null) {
            handle.watched = watch.add(handle);
            return;
        }
        handle.previous = last;
        if (last != null) {
            last.next = handle;
        } else {
            first = handle;
        }
        last = handle;
    }

    private void remove(HandleCore handle) {
        census.open--;
        if (creationSites != null) {
            creationSites.remove(handle);
        }
        HandleWatch.Watched watched = handle.watched;
        if (watch != null && watched != null) {
            watch.remove(watched);
            return;
        }
        HandleCore before = handle.previous;
        HandleCore after = handle.next;
        if (before != null) {
            before.next = after;
        } else {
            first = after;
        }
        if (after != null) {
            after.previous = before;
        } else {
            last = before;
        }
        handle.previous = null;
        handle.next = null;
    }

    boolean isEmpty() {
        return watch == null ? first == null : watch.isEmpty();
    }

    List<HandleCore> toList() {
        if (watch != null) {
            return watch.toList();
        }
        List<HandleCore> list = new ArrayList<>();
        for (HandleCore handle = first; handle != null; handle = handle.next) {
            list.add(handle);
        }
        return list;
    }

    void closeAll(LoopCore loop) {
        if (watch != null) {
            census.open -= watch.closeForgotten(loop, false);
        }
        for (HandleCore handle : toList()) {
            handle.close();
        }
    }

    /** Has handles that are closed go on without the system's report of their bytes in flight. */
    void abandonFlights() {
        for (HandleCore handle : toList()) {
            handle.abandonFlight();
        }
    }

    /** Counts a handle whose {@code close} was called. */
    void beginClose() {
        closingHandles++;
    }

    /** Queues a handle that holds nothing of the system any more. */
    void queueClosed(HandleCore handle) {
        closing.add(handle);
    }

    /** Tells whether a handle is between {@code close} and its callback. */
    boolean hasClosing() {
        return closingHandles > 0;
    }

    /** Tells whether no close callback is due: a handle may still be waiting for its bytes in flight. */
    boolean hasNoneToClose() {
        return closing.isEmpty();
    }

    /** Has forgotten handles found, if that was asked for. */
    void sweep(LoopCore loop) {
        if (watch != null) {
            // The log that is told may open handles meanwhile.
            int gone = watch.sweep(loop);
            census.open -= gone;
        }
    }

    /** Calls back those queued so far; one closed inside such a callback has its turn in the next one. */
    void runClosing(LoopCore loop) {
        for (int left = closing.size(); left > 0; left--) {
            HandleCore handle = closing.remove();
            remove(handle);
            closingHandles--;
            try {
                FlightReport.closed(handle);
            } catch (Throwable thrown) {
                loop.uncaught(thrown);
            }
            handle.finishClose();
        }
    }
}
