/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.TimerQueue;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a stream to connect, and its repetition while the server has no room.
 *
 * <p>A full backlog is an EAGAIN that no readiness follows: epoll reports the unconnected socket at once and always. So
 * a timer tries again, soon at first and then less often, until the connect's own timeout.
 */
public final class StreamConnect extends TimerQueue.Entry {

    private static final long FIRST_DELAY_NANOS = 1_000_000;
    private static final long LONGEST_DELAY_NANOS = 50_000_000;

    /** One try of the system's connect. */
    public interface Attempt {

        /** Connects; returns whether that is done, rather than reported by the selector later. */
        boolean connect() throws KernelException;
    }

    private final StreamCore stream;
    private final Attempt once;
    private final Object callback;
    private final long deadline;
    private final boolean wasBound;
    private final String nameBefore;
    private long delay = FIRST_DELAY_NANOS;
    private boolean inProgress;
    private boolean done;
    private @Nullable Failure failure;

    /**
     * Prepares a connect.
     *
     * @param timeoutNanos how long to try, or -1 to try once
     */
    StreamConnect(StreamCore stream, Attempt once, long timeoutNanos, Object callback) {
        this.stream = stream;
        this.once = once;
        this.callback = callback;
        nameBefore = stream.name();
        wasBound = stream.phase() == StreamCore.Phase.BOUND;
        deadline = timeoutNanos < 0 ? -1 : TimerQueue.after(stream.loop().freshNanos(), timeoutNanos);
        stream.phase(StreamCore.Phase.CONNECTING);
        stream.loop().requests(1);
    }

    void attempt() {
        try {
            if (once.connect()) {
                finish(null);
                return;
            }
            inProgress = true;
            stream.addInterest(StreamChannel.CONNECT);
            if (deadline >= 0) {
                stream.loop().timers().add(this, deadline);
            }
        } catch (KernelException refused) {
            failOrRetry(refused);
        } catch (Error thrown) {
            finish(Failure.of(thrown, "connect", stream.name()));
        }
    }

    /** The channel says that a connect in progress has come to an end. */
    void ready() {
        stream.loop().timers().remove(this);
        stream.removeInterest(StreamChannel.CONNECT);
        inProgress = false;
        try {
            stream.channel().finishConnect();
            finish(null);
        } catch (KernelException refused) {
            failOrRetry(refused);
        } catch (RuntimeException | Error thrown) {
            finish(Failure.of(thrown, "connect", stream.name()));
        }
    }

    private void failOrRetry(KernelException refused) {
        LoopCore loop = stream.loop();
        long left = deadline - loop.nanos();
        if (refused.fault() != Fault.EAGAIN || deadline < 0) {
            finish(stream.failure(refused));
        } else if (left <= 0) {
            timedOut();
        } else {
            loop.timers().add(this, loop.nanos() + Math.min(delay, left));
            delay = Math.min(delay * 2, LONGEST_DELAY_NANOS);
        }
    }

    @Override
    protected void fire() {
        if (inProgress) {
            stream.removeInterest(StreamChannel.CONNECT);
            timedOut();
        } else {
            attemptAgain();
        }
    }

    private void attemptAgain() {
        try {
            attempt();
        } catch (RuntimeException thrown) {
            // Nobody is there any more to whom it could be thrown.
            finish(Failure.of(thrown, "connect", stream.name()));
        }
    }

    private void timedOut() {
        finish(Failure.of(Fault.ETIMEDOUT, "connect", stream.name()));
    }

    private void finish(@Nullable Failure why) {
        failure = why;
        done = true;
        stream.completeSoon();
    }

    /** The stream is being closed. */
    void cancel() {
        stream.loop().timers().remove(this);
        if (failure == null) {
            // Also where it has succeeded and nobody was told: what was written meanwhile is cancelled too.
            failure = Failure.of(Fault.ECANCELED, "connect", stream.name());
        }
        done = true;
    }

    boolean isDone() {
        return done;
    }

    /**
     * Takes the outcome into effect and calls back. Until now the stream is connecting, whether its system connects at once
     * or later, so that what is written right after the call of connect meets one behaviour.
     */
    void tell() {
        stream.loop().requests(-1);
        if (failure == null) {
            stream.phase(StreamCore.Phase.CONNECTED);
            StreamOutput output = stream.outputOrNull();
            if (output != null) {
                output.sendNow();
            }
        } else {
            stream.restartOutput(Failure.of(Fault.ECANCELED, "write", stream.name()));
            undo();
        }
        stream.call(callback, failure);
    }

    /** Makes the stream fit to be used anew: bound as it was, unless an attempt that goes on has to be given up with it. */
    private void undo() {
        if (wasBound && !inProgress) {
            stream.phase(StreamCore.Phase.BOUND);
            stream.rename(nameBefore);
        } else {
            stream.closeChannel(true);
            stream.phase(StreamCore.Phase.NEW);
        }
    }
}
