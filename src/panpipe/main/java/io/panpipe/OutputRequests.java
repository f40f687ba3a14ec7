/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What was asked of an output and is not told yet, in the order in which it is told: writes, the half-close behind
 * them, and what came too late. While there is any, it keeps the loop going.
 */
final class OutputRequests {

    private final Loop loop;
    private final RequestQueue writes = new RequestQueue();
    private @Nullable HalfClose halfClose;
    private @Nullable ArrayDeque<Late> late;
    private boolean telling;
    private boolean holdsLoop;

    private record Late(@Nullable StreamCallback<?> callback, PanpipeException error) {}

    /**
     * Stands in the place of a callback for what tryWrite has in flight, of which its caller is told no more. No lambda in a
     * constant: that would cost each program's start almost a millisecond.
     */
    private static final class Tried implements StreamCallback<StreamHandle<?>> {
        static final Tried ONE = new Tried();

        @Override
        public void call(StreamHandle<?> stream, @Nullable PanpipeException error) {}
    }

    OutputRequests(Loop loop) {
        this.loop = loop;
    }

    /** Makes room for a write, which can then be added without fail. */
    void reserve() {
        writes.reserve();
    }

    /** Adds a write that is done once the stream has written up to {@code end}. */
    void add(long end, @Nullable StreamCallback<?> callback) {
        writes.add(end, callback);
        hold();
    }

    /** Lets the last write, which has no callback and is not done, end at {@code end}. */
    void extend(long end) {
        writes.extend(end);
    }

    /** Adds what tryWrite has in flight, up to {@code end}. */
    void addTried(long end) {
        writes.add(end, Tried.ONE);
        hold();
    }

    /** Adds a request that fails, told in its turn behind the writes up to {@code end}. */
    void addRefused(long end, @Nullable StreamCallback<?> callback, PanpipeException error) {
        writes.add(end, callback, error);
        hold();
    }

    /** Adds a request that came too late, after shutdown: it fails, but is told after those before it. */
    void addLate(@Nullable StreamCallback<?> callback, PanpipeException error) {
        if (late == null) {
            late = new ArrayDeque<>();
        }
        late.add(new Late(callback, error));
        hold();
    }

    /** Adds the half-close, to be made when all is written. */
    void addHalfClose(@Nullable StreamCallback<?> callback) {
        halfClose = new HalfClose(callback);
        hold();
    }

    /** Tells whether a half-close was asked for, whatever has become of it. */
    boolean isShutdown() {
        return halfClose != null;
    }

    /** Tells whether something is pending, or done and not told. */
    boolean isBusy() {
        return holdsLoop;
    }

    /** Tells whether callbacks are being called just now. */
    boolean isTelling() {
        return telling;
    }

    /** Tells whether something is done and not told. */
    boolean isUntold() {
        return writes.done() > 0 || halfClose != null && halfClose.isUntold();
    }

    private boolean isEmpty() {
        return writes.isEmpty()
                && (halfClose == null || halfClose.isTold())
                && (late == null || late.isEmpty());
    }

    /** Tells whether somebody hears of a request with this callback. */
    static boolean isToldOf(@Nullable Object callback) {
        return switch (callback) {
            case WatchedWrite watched -> watched.isTold();
            case StreamTransfer.Written copied -> copied.isTold();
            case Tried tried -> false;
            case null -> false;
            default -> true;
        };
    }

    /** Returns how many bytes behind those written belong to requests of which nobody is told. */
    long bytesUnclaimed(long written) {
        return writes.bytesUnclaimed(written);
    }

    /** Notes how much the stream has written, which may be the end of some. */
    void complete(long written) {
        writes.complete(written);
    }

    /** Fails all that is not done yet, but for what came too late. */
    void fail(PanpipeException error) {
        writes.fail(error);
        if (halfClose != null && halfClose.isPending()) {
            halfClose.end(error);
        }
    }

    /** Makes the half-close, if that is what comes next. */
    void makeHalfClose(StreamState<?> stream) {
        boolean isNext = halfClose != null && halfClose.isPending() && writes.isAllDone();
        if (isNext && stream.channelOrNull() != null) {
            halfClose.make(stream);
        }
    }

    private void hold() {
        if (!holdsLoop) {
            holdsLoop = true;
            loop.requests(1);
        }
    }

    /** Keeps the loop going no longer, if there is nothing left; tells whether that is so. */
    boolean release() {
        boolean nothingLeft = isEmpty();
        if (nothingLeft && holdsLoop) {
            holdsLoop = false;
            loop.requests(-1);
        }
        return nothingLeft;
    }

    /** Calls back for what is done, in order. */
    void tell(StreamState<?> stream) {
        telling = true;
        try {
            tellDone(stream);
        } finally {
            telling = false;
        }
    }

    private void tellDone(StreamState<?> stream) {
        for (int left = writes.done(); left > 0; left--) {
            StreamCallback<?> callback = writes.callback();
            PanpipeException error = writes.error();
            writes.removeTold();
            if (!(callback instanceof Tried)) {
                tell(stream, callback, error);
            } else if (error != null && !isNextToldOf(error)) {
                tell(stream, null, error);
            }
        }
        writes.trim();
        if (halfClose != null && halfClose.isUntold() && writes.isEmpty()) {
            tell(stream, halfClose.takeCallback(), halfClose.error());
        }
        tellLate(stream);
    }

    /** Tells whether the request that is told next has the same trouble, and a callback to hear of it. */
    private boolean isNextToldOf(PanpipeException error) {
        return writes.done() > 0 && writes.error() == error && writes.callback() != null;
    }

    private void tellLate(StreamState<?> stream) {
        ArrayDeque<Late> waiting = late;
        if (waiting != null && (halfClose == null || !halfClose.isPending()) && writes.isEmpty()) {
            for (int left = waiting.size(); left > 0; left--) {
                Late request = waiting.remove();
                tell(stream, request.callback, request.error);
            }
        }
    }

    private void tell(StreamState<?> stream, @Nullable StreamCallback<?> callback, @Nullable PanpipeException error) {
        if (callback != null) {
            stream.call(callback, error);
        } else if (error != null && error.code() != ErrorCode.ECANCELED) {
            loop.callbacks.unclaimed(error);
        }
    }
}
