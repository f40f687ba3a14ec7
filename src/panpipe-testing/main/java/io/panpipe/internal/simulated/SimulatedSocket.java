/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;

/** An open file that a channel can drive; its state outlives the channel when that is detached. */
abstract class SimulatedSocket extends OpenFile {

    private static final int SMALLEST_BUFFER = 1024;

    final World world;
    private final SimulatedProcess process;
    private final String label;
    private int receiveBufferSize;

    /** Makes a socket of a process; one that waits to be accepted is its listener's. */
    SimulatedSocket(SimulatedProcess process) {
        this.process = process;
        world = process.world();
        label = "#" + world.nextSocket();
        receiveBufferSize = world.options().bufferSize();
    }

    /** Returns who made the socket. */
    final SimulatedProcess process() {
        return process;
    }

    final Credentials credentials() {
        return process.credentials();
    }

    /** Returns what the trace calls it. */
    final String label() {
        return label;
    }

    /** Returns the name or address of the server that rules know it by, its own or its peer's, or empty. */
    abstract String serverName();

    /** Returns the operations that can be tried now. */
    abstract int readiness();

    /**
     * Returns the operations that a select may report without their being possible, as real kernels now and then do.
     */
    abstract int triable();

    abstract int sendBufferSize();

    /** Sets the size of the send buffer to bytes that are not too few. */
    abstract void setSendBufferSize(int bytes);

    /**
     * Linux doubles what is asked for, to pay for its own overhead; here there is none, and what is set is reported.
     */
    final void sendBufferSize(int bytes) {
        setSendBufferSize(Math.max(SMALLEST_BUFFER, bytes));
    }

    final int receiveBufferSize() {
        return receiveBufferSize;
    }

    final void receiveBufferSize(int bytes) {
        receiveBufferSize = Math.max(SMALLEST_BUFFER, bytes);
    }

    /** Ends what only the selector that knows this socket now would be told of. */
    void beforeDetach() {}
}
