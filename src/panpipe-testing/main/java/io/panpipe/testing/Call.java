/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.internal.simulated.Operation;

/**
 * What a process asks of the system, for {@link SimulatedKernel#when}.
 *
 * @since 0.1
 */
public enum Call {
    /** A new descriptor is needed: for a socket, a pair, a connection that is accepted, a duplicate. */
    OPEN(Operation.OPEN),

    /** A name or address is bound. */
    BIND(Operation.BIND),

    /** A server begins to listen. */
    LISTEN(Operation.LISTEN),

    /** A client connects. */
    CONNECT(Operation.CONNECT),

    /** A server takes a connection. */
    ACCEPT(Operation.ACCEPT),

    /** A stream is read. */
    READ(Operation.READ),

    /** Bytes are written to a stream; several writes of a program may be one. */
    WRITE(Operation.WRITE),

    /** The outgoing direction of a stream is ended. */
    SHUTDOWN(Operation.SHUTDOWN),

    /** A datagram is sent. */
    SEND(Operation.SEND),

    /** A datagram is received. */
    RECEIVE(Operation.RECEIVE),

    /** Handles that came with bytes enter the process. */
    RECEIVE_HANDLES(Operation.RECEIVE_HANDLES),

    /** A loop waits for events. */
    WAIT(Operation.SELECT);

    private final Operation operation;

    Call(Operation operation) {
        this.operation = operation;
    }

    Operation operation() {
        return operation;
    }
}
