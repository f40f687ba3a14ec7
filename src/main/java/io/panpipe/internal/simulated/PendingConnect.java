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

    private final World world;
    private final SimulatedSocket socket;
    private final String name;
    private boolean settled;
    private @Nullable KernelException refusal;

    PendingConnect(World world, SimulatedSocket socket, String name) {
        this.world = world;
        this.socket = socket;
        this.name = name;
    }

    /** Connects, if the socket is still there to be connected. */
    void settle() {
        if (settled || socket.isClosed()) {
            return;
        }
        settled = true;
        try {
            socket.connectNow(name);
        } catch (KernelException refused) {
            refusal = refused;
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
