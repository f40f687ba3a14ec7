/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

/** An open file that a channel can drive; its state outlives the channel when that is detached. */
abstract class SimulatedSocket extends OpenFile {

    private static final int SMALLEST_BUFFER = 1024;

    private int receiveBufferSize;

    SimulatedSocket(int bufferSize) {
        receiveBufferSize = bufferSize;
    }

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
