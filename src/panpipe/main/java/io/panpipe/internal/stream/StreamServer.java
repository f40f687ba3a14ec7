/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.FlightReport;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.TimerQueue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The listening side of a stream: announces one connection at a time, and survives a shortage of descriptors.
 *
 * <p>A connection that is announced and not accepted stops further ones, and so does a shortage: a level-triggered
 * selector would report the waiting connections again and again. Then a timer looks whether there are descriptors again,
 * and meanwhile clients wait in the backlog instead of being dropped.
 */
final class StreamServer extends TimerQueue.Entry {

    private static final long RETRY_NANOS = 100_000_000;
    private static final int MOST_PER_TURN = 16;

    /** A server that is short again and again fills no log. */
    private static final long WARNING_NANOS = 60_000_000_000L;

    private final StreamCore stream;
    private Object callback;
    private @Nullable StreamChannel waiting;
    private boolean isShort;
    private boolean warned;
    private long warnedAt;
    private int perTurn = 1;

    StreamServer(StreamCore stream, Object callback) {
        this.stream = stream;
        this.callback = callback;
    }

    void callback(Object next) {
        callback = next;
    }

    void describe(List<String> facts) {
        if (waiting != null) {
            facts.add("a connection was announced and waits to be accepted");
        }
        if (isShort) {
            facts.add("the system refuses further connections for now");
        }
    }

    boolean hasWaiting() {
        return waiting != null;
    }

    /**
     * Announces connections. At first one a turn, because a second accept(2) mostly finds nothing; while each turn finds
     * some, twice as many the next time.
     */
    void ready() {
        for (int i = 0; i < perTurn; i++) {
            try {
                waiting = stream.channel().accept();
            } catch (KernelException refused) {
                pause(refused);
                return;
            } catch (RuntimeException | Error thrown) {
                pause(KernelException.of(thrown, "accept"));
                return;
            }
            if (waiting == null) {
                perTurn = 1;
                return;
            }
            isShort = false;
            stream.call(callback, null);
            if (stream.isClosing()) {
                return;
            }
            if (waiting != null) {
                stream.removeInterest(StreamChannel.ACCEPT);
                return;
            }
        }
        perTurn = Math.min(perTurn * 2, MOST_PER_TURN);
    }

    private void pause(KernelException refused) {
        stream.removeInterest(StreamChannel.ACCEPT);
        boolean isFinal = refused.fault() == Fault.EBADF;
        if (!isFinal) {
            retryLater();
        }
        Failure failure = stream.failure(refused);
        FlightReport.acceptFailed(stream, failure);
        if (isFinal || !isShort) {
            isShort = true;
            warn(failure);
            stream.call(callback, failure);
        }
    }

    private void retryLater() {
        LoopCore loop = stream.loop();
        loop.timers().add(this, loop.nanos() + RETRY_NANOS);
    }

    private void warn(Failure failure) {
        long now = stream.loop().nanos();
        if (!warned || now - warnedAt >= WARNING_NANOS) {
            warned = true;
            warnedAt = now;
            stream.loop().warn("clients wait, because no connection can be accepted: "
                    + stream.loop().front().shown(failure).getMessage());
        }
    }

    @Override
    protected void fire() {
        stream.loop().retryLog();
        resume();
    }

    /** Returns the announced connection, which stays here until it is {@link #taken}. */
    StreamChannel announced() throws KernelException {
        StreamChannel present = waiting;
        if (present == null) {
            throw new KernelException(Fault.EAGAIN, 0, "accept");
        }
        return present;
    }

    /** Somebody has the announced connection: the next one can be announced. Throws nothing, since that has been done. */
    void taken() {
        waiting = null;
        if (isQueued()) {
            return;
        }
        try {
            stream.addInterest(StreamChannel.ACCEPT);
        } catch (KernelException | RuntimeException | Error refused) {
            // Whoever accepts is not called back inside that call: the timer tries again, and tells.
            retryLater();
        }
    }

    private void resume() {
        try {
            stream.addInterest(StreamChannel.ACCEPT);
        } catch (KernelException refused) {
            pause(refused);
        } catch (RuntimeException | Error thrown) {
            pause(KernelException.of(thrown, "accept"));
        }
    }

    void close() {
        stream.loop().timers().remove(this);
        StreamChannel unaccepted = waiting;
        waiting = null;
        if (unaccepted != null) {
            unaccepted.close();
        }
    }
}
