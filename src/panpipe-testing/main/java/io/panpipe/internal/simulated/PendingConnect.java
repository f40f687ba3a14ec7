/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.KernelException;
import org.jspecify.annotations.Nullable;

/**
 * A connect in progress, as kernels with a network or a queue have it: tried a moment later, answered by
 * finishConnect.
 */
final class PendingConnect {

    /** What is tried. */
    interface Attempt {

        /**
         * Connects.
         *
         * @param pending whom to tell when it is to be tried again
         * @return false if that has to be
         */
        boolean connect(PendingConnect pending) throws KernelException;
    }

    private final World world;
    private final StreamSocket<?> socket;
    private final Attempt attempt;
    private boolean settled;
    private @Nullable KernelException refusal;

    PendingConnect(World world, StreamSocket<?> socket, Attempt attempt) {
        this.world = world;
        this.socket = socket;
        this.attempt = attempt;
    }

    /** Tries, or tries again, a moment later. */
    void later() {
        later(0);
    }

    /** Tries a moment and some nanoseconds later. */
    void later(long extraNanos) {
        world.clock().schedule(world.scheduler().connectDelay() + extraNanos, null, this::settle);
    }

    /** Connects, if the socket is still there to be connected. */
    void settle() {
        if (settled || socket.isClosed()) {
            return;
        }
        try {
            settled = attempt.connect(this);
        } catch (KernelException refused) {
            refusal = refused;
            settled = true;
        }
        world.changed();
    }

    boolean isSettled() {
        return settled;
    }

    /** Returns why it failed, or null. */
    @Nullable KernelException refusal() {
        return refusal;
    }
}
