/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.TimerQueue;

/**
 * What an output waits for when the system takes no more: that its channel becomes writable or, where no readiness
 * would tell, that some time has passed. Never both: a channel that is writable all the while would have the loop try
 * again and again what only time can help.
 */
final class OutputWait extends TimerQueue.Entry {

    private static final long FIRST_DELAY_NANOS = 1_000_000;
    private static final long LONGEST_DELAY_NANOS = 50_000_000;

    private enum State {
        NOT_WAITING,
        FOR_ROOM,
        FOR_TIME
    }

    private final StreamOutput output;
    private final LoopCore loop;
    private State state = State.NOT_WAITING;
    private long delay = FIRST_DELAY_NANOS;

    OutputWait(StreamOutput output, LoopCore loop) {
        this.output = output;
        this.loop = loop;
    }

    /**
     * Tells whether the system will take later what it refuses now, and no readiness tells when: it bounds the handles that
     * a user has under way (ETOOMANYREFS, unix(7)), or has no buffer for the moment (ENOBUFS).
     */
    static boolean isPassing(KernelException refused) {
        return refused.fault() == Fault.ETOOMANYREFS || refused.fault() == Fault.ENOBUFS;
    }

    /** Tells whether there is no use in sending now. */
    boolean isBlocked() {
        return state != State.NOT_WAITING;
    }

    /** Waits until the channel is writable. */
    void untilWritable(StreamCore stream) throws KernelException {
        if (state != State.FOR_ROOM) {
            end(stream);
            stream.addInterest(StreamChannel.WRITE);
            state = State.FOR_ROOM;
        }
    }

    /** Waits some time, longer each time as long as nothing is taken. */
    void untilLater(StreamCore stream) {
        if (state == State.FOR_TIME) {
            return;
        }
        long wait = delay;
        end(stream);
        loop.timers().add(this, loop.nanos() + wait);
        state = State.FOR_TIME;
        delay = Math.min(wait * 2, LONGEST_DELAY_NANOS);
    }

    @Override
    protected void fire() {
        state = State.NOT_WAITING;
        output.sendNow();
    }

    /** Tells whether the channel's being writable is what is waited for. */
    boolean isForRoom() {
        return state == State.FOR_ROOM;
    }

    /** The system has taken something, or another stream is waited for: the next trouble is another one. */
    void progress() {
        delay = FIRST_DELAY_NANOS;
    }

    /** Waits no more. */
    void end(StreamCore stream) {
        if (state == State.FOR_ROOM) {
            stream.removeInterest(StreamChannel.WRITE);
        } else if (state == State.FOR_TIME) {
            loop.timers().remove(this);
        }
        state = State.NOT_WAITING;
    }
}
