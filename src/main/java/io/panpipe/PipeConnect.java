/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a pipe to connect, and its repetition while the server has no room.
 *
 * <p>A full backlog is an EAGAIN that no readiness follows: epoll reports the unconnected socket at once and always. So
 * a timer tries again, soon at first and then less often, until the connect's own timeout.
 */
final class PipeConnect extends TimerQueue.Entry {

    private static final long FIRST_DELAY_NANOS = 1_000_000;
    private static final long LONGEST_DELAY_NANOS = 50_000_000;

    private final Pipe pipe;
    private final String name;
    private final StreamCallback<? super Pipe> callback;
    private final long deadline;
    private final boolean wasBound;
    private long delay = FIRST_DELAY_NANOS;
    private boolean inProgress;
    private boolean done;
    private @Nullable PanpipeException error;

    /**
     * Prepares a connect.
     *
     * @param timeoutNanos how long to try, or -1 to try once
     */
    PipeConnect(Pipe pipe, String name, long timeoutNanos, StreamCallback<? super Pipe> callback) {
        this.pipe = pipe;
        this.name = name;
        this.callback = callback;
        wasBound = pipe.phase() == StreamState.Phase.BOUND;
        long due = timeoutNanos < 0 ? -1 : pipe.loop().freshNanos() + timeoutNanos;
        deadline = timeoutNanos >= 0 && due < 0 ? Long.MAX_VALUE : due;
        pipe.phase(StreamState.Phase.CONNECTING);
        pipe.loop().requests(1);
    }

    private PipeChannel channel() {
        return pipe.pipeChannel();
    }

    void attempt() {
        try {
            if (channel().connect(name)) {
                finish(null);
                return;
            }
            inProgress = true;
            pipe.addInterest(StreamChannel.CONNECT);
            if (deadline >= 0) {
                pipe.loop().timers.add(this, deadline);
            }
        } catch (KernelException refused) {
            failOrRetry(refused);
        }
    }

    /** The channel says that a connect in progress has come to an end. */
    void ready() {
        pipe.loop().timers.remove(this);
        pipe.removeInterest(StreamChannel.CONNECT);
        inProgress = false;
        try {
            channel().finishConnect();
            finish(null);
        } catch (KernelException refused) {
            failOrRetry(refused);
        }
    }

    private void failOrRetry(KernelException refused) {
        Loop loop = pipe.loop();
        long left = deadline - loop.nanos();
        if (refused.fault() != Fault.EAGAIN || deadline < 0) {
            finish(pipe.failure(refused));
        } else if (left <= 0) {
            timedOut();
        } else {
            loop.timers.add(this, loop.nanos() + Math.min(delay, left));
            delay = Math.min(delay * 2, LONGEST_DELAY_NANOS);
        }
    }

    @Override
    void fire() {
        if (inProgress) {
            pipe.removeInterest(StreamChannel.CONNECT);
            timedOut();
        } else {
            attempt();
        }
    }

    private void timedOut() {
        finish(PanpipeException.of(Fault.ETIMEDOUT, "connect", name));
    }

    private void finish(@Nullable PanpipeException why) {
        error = why;
        done = true;
        pipe.completeSoon();
    }

    /** The pipe is being closed. */
    void cancel() {
        if (!done) {
            pipe.loop().timers.remove(this);
            error = PanpipeException.of(Fault.ECANCELED, "connect", name);
            done = true;
        }
    }

    boolean isDone() {
        return done;
    }

    /**
     * Takes the outcome into effect and calls back. Until now the pipe is connecting, whether its system connects at once
     * or later, so that what is written right after the call of connect meets one behaviour.
     */
    void tell() {
        pipe.loop().requests(-1);
        StreamOutput output = pipe.outputOrNull();
        if (error == null) {
            pipe.phase(StreamState.Phase.CONNECTED);
        } else if (wasBound) {
            pipe.phase(StreamState.Phase.BOUND);
        } else {
            pipe.dropChannel();
            pipe.phase(StreamState.Phase.NEW);
        }
        if (output != null && error == null) {
            output.sendNow();
        } else if (output != null) {
            output.fail(PanpipeException.of(Fault.ECANCELED, "write", name));
        }
        pipe.call(callback, error);
    }
}
