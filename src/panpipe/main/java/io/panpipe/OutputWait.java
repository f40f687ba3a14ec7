/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;

/**
 * What an output waits for when the system takes no more: that its channel becomes writable or, where no readiness
 * would tell, that some time has passed.
 */
final class OutputWait extends TimerQueue.Entry {

    private static final long RETRY_NANOS = 10_000_000;

    private final StreamOutput output;
    private final Loop loop;
    private boolean blocked;

    OutputWait(StreamOutput output, Loop loop) {
        this.output = output;
        this.loop = loop;
    }

    /** Tells whether there is no use in sending now. */
    boolean isBlocked() {
        return blocked;
    }

    /** Waits until the channel is writable. */
    void untilWritable(StreamState<?> stream) throws KernelException {
        blocked = true;
        stream.addInterest(StreamChannel.WRITE);
    }

    /**
     * Waits until the system takes more handles: it bounds those that a user has under way (ETOOMANYREFS, unix(7)), and
     * no readiness tells when some have arrived.
     */
    void untilHandlesArrive() {
        blocked = true;
        if (!isQueued()) {
            loop.timers.add(this, loop.nanos() + RETRY_NANOS);
        }
    }

    @Override
    void fire() {
        output.ready();
    }

    /** Lets the output try again, whether or not it goes on waiting after that. */
    void unblock() {
        blocked = false;
    }

    /** Waits no more. */
    void end(StreamState<?> stream) {
        blocked = false;
        if (isQueued()) {
            loop.timers.remove(this);
        }
        stream.removeInterest(StreamChannel.WRITE);
    }
}
