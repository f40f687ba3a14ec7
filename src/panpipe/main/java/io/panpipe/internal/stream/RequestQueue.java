/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.WatchedWrite;
import org.jspecify.annotations.Nullable;

/**
 * What was asked of an output and is not told yet, in the order in which it is told: writes, the half-close behind them, and
 * what came too late. It knows where in the stream of bytes each write ends, who is to be called, and what became of it. While
 * there is any, it keeps the loop going.
 *
 * <p>A ring of parallel arrays, so that a request makes no object.
 */
final class RequestQueue {

    /** The end of the half-close, which no number of bytes reaches: it is done when it is made. */
    private static final long HALF_CLOSE = Long.MAX_VALUE;
    /** The end of what came too late: it is done when all before it is, and has failed already. */
    private static final long LATE = -1;

    private final LoopCore loop;
    private long[] ends = new long[8];
    /** Callbacks of the user's, each by itself or in a {@link WatchedWrite}, or a {@link Completion}. */
    private @Nullable Object[] callbacks = new Object[8];
    private @Nullable Failure[] failures = new Failure[8];
    private int head;
    private int count;
    private int done;
    private boolean shutdown;
    private boolean telling;
    private boolean holdsLoop;

    /**
     * Stands in the place of a callback for what tryWrite has in flight, of which its caller is told no more. No lambda in a
     * constant: that would cost each program's start almost a millisecond.
     */
    private static final class Tried extends Completion {
        static final Tried ONE = new Tried();

        @Override
        void done(@Nullable Failure failure) {}

        @Override
        boolean isTold() {
            return false;
        }
    }

    RequestQueue(LoopCore loop) {
        this.loop = loop;
    }

    // Asking.

    /** Makes room for one more request, which can then be added without fail. */
    void reserve() {
        if (count == ends.length) {
            grow();
        }
    }

    /**
     * Adds a write that is done once the stream has written up to {@code end}. One without a callback continues the one
     * before it, if that has none either: a thousand small writes are one entry, and one report if they fail.
     */
    void add(long end, @Nullable Object callback) {
        if (callback == null && count > done) {
            int last = index(count - 1);
            if (callbacks[last] == null && failures[last] == null && ends[last] != HALF_CLOSE) {
                ends[last] = end;
                return;
            }
        }
        add(end, callback, null);
    }

    /** Lets the last write, which has no callback and is not done, end at {@code end}. */
    void extend(long end) {
        ends[index(count - 1)] = end;
    }

    /** Adds what tryWrite has in flight, up to {@code end}. */
    void addTried(long end) {
        add(end, Tried.ONE, null);
    }

    /** Adds a request that fails, told in its turn behind the writes up to {@code end}. */
    void addRefused(long end, @Nullable Object callback, Failure failure) {
        add(end, callback, failure);
    }

    /** Adds a request that came too late: it fails, but is told after those before it. */
    void addLate(@Nullable Object callback, Failure failure) {
        add(LATE, callback, failure);
    }

    /** Adds the half-close, to be made when all is written. */
    void addHalfClose(@Nullable Object callback) {
        add(HALF_CLOSE, callback, null);
        shutdown = true;
    }

    private void add(long end, @Nullable Object callback, @Nullable Failure failure) {
        reserve();
        int at = index(count++);
        ends[at] = end;
        callbacks[at] = callback;
        failures[at] = failure;
        hold();
    }

    private int index(int request) {
        return head + request & ends.length - 1;
    }

    private void grow() {
        int length = ends.length;
        long[] newEnds = new long[length * 2];
        Object[] newCallbacks = new Object[length * 2];
        Failure[] newFailures = new Failure[length * 2];
        for (int i = 0; i < count; i++) {
            newEnds[i] = ends[index(i)];
            newCallbacks[i] = callbacks[index(i)];
            newFailures[i] = failures[index(i)];
        }
        ends = newEnds;
        callbacks = newCallbacks;
        failures = newFailures;
        head = 0;
    }

    // What has become of it.

    /** Tells whether a half-close was asked for, whatever has become of it. */
    boolean isShutdown() {
        return shutdown;
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
        return done > 0;
    }

    /** Notes how much the stream has written, which may be the end of some; drops those of which nobody is to be told. */
    void complete(long written) {
        while (done < count && ends[index(done)] <= written) {
            endNext();
        }
    }

    private void endNext() {
        if (done == 0 && callbacks[head] == null && failures[head] == null) {
            drop();
        } else {
            done++;
        }
    }

    /** Fails all that is not done yet, but for what came too late, which has failed for that. */
    void fail(Failure failure) {
        while (done < count) {
            int at = index(done++);
            if (ends[at] != LATE) {
                failures[at] = failure;
            }
        }
    }

    /** Makes the half-close, if that is what comes next; {@code written} is what the stream has written. */
    void makeHalfClose(StreamCore stream, long written) {
        if (done == count || ends[index(done)] != HALF_CLOSE || stream.channelOrNull() == null) {
            return;
        }
        Failure refusal = null;
        try {
            stream.channel().shutdownOutput();
        } catch (KernelException refused) {
            refusal = stream.failure(refused);
        } catch (RuntimeException | Error thrown) {
            refusal = Failure.of(thrown, "shutdown", stream.name());
        }
        failures[index(done)] = refusal;
        endNext();
        complete(written);
    }

    /** Returns how many bytes behind those written belong to writes of which nobody is told. */
    long bytesUnclaimed(long written) {
        long bytes = 0;
        long from = written;
        for (int i = done; i < count && ends[index(i)] != HALF_CLOSE; i++) {
            int at = index(i);
            if (!isToldOf(callbacks[at])) {
                bytes += Math.max(0, ends[at] - from);
            }
            from = Math.max(from, ends[at]);
        }
        return bytes;
    }

    /** Tells whether the user hears of a request with this callback. */
    private static boolean isToldOf(@Nullable Object callback) {
        return switch (callback) {
            case WatchedWrite watched -> watched.callback() != null;
            case Completion own -> own.isTold();
            case null -> false;
            default -> true;
        };
    }

    // Telling.

    /** Calls back for what is done, in order. */
    void tell(StreamCore stream) {
        telling = true;
        try {
            tellDone(stream);
        } finally {
            telling = false;
        }
    }

    private void tellDone(StreamCore stream) {
        for (int left = done; left > 0; left--) {
            Object callback = callbacks[head];
            Failure failure = failures[head];
            done--;
            drop();
            if (!(callback instanceof Tried)) {
                tell(stream, callback, failure);
            } else if (failure != null && !isNextToldOf(failure)) {
                tell(stream, null, failure);
            }
        }
        trim();
    }

    /** Tells whether the request that is told next has the same trouble, and a callback to hear of it. */
    private boolean isNextToldOf(Failure failure) {
        return done > 0 && failures[head] == failure && callbacks[head] != null && ends[head] != HALF_CLOSE;
    }

    private void tell(StreamCore stream, @Nullable Object queued, @Nullable Failure failure) {
        Object told = WatchedWrite.toTell(loop, queued);
        if (told instanceof Completion own) {
            try {
                own.done(failure);
            } catch (Throwable thrown) {
                // Those behind it are told all the same.
                loop.uncaught(thrown);
            }
            loop.sendWritten();
        } else if (told != null) {
            stream.call(told, failure);
        } else if (failure != null) {
            loop.unclaimed(failure);
        }
    }

    private void drop() {
        callbacks[head] = null;
        failures[head] = null;
        head = index(1);
        count--;
    }

    /** Gives back what a long queue took. */
    private void trim() {
        if (count == 0 && ends.length > 1024) {
            Object[] newCallbacks = new Object[8];
            Failure[] newFailures = new Failure[8];
            ends = new long[8];
            callbacks = newCallbacks;
            failures = newFailures;
            head = 0;
        }
    }

    // Keeping the loop going.

    private void hold() {
        if (!holdsLoop) {
            holdsLoop = true;
            loop.requests(1);
        }
    }

    /** Keeps the loop going no longer, if there is nothing left; tells whether that is so. */
    boolean letGo() {
        if (count > 0) {
            return false;
        }
        if (holdsLoop) {
            holdsLoop = false;
            loop.requests(-1);
        }
        return true;
    }
}
