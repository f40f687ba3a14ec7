/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

/** What a process asks of the simulated kernel, as far as a fault can befall it. */
public enum Operation {
    /** A new descriptor: a socket, a pair, a duplicate. */
    OPEN,
    BIND,
    LISTEN,
    CONNECT,
    ACCEPT,
    READ,
    WRITE,
    SHUTDOWN,
    /** A datagram sent. */
    SEND,
    /** A datagram received. */
    RECEIVE,
    /** The descriptors that came with bytes, on their way into the process. */
    RECEIVE_HANDLES,
    /** The loop's wait for events. */
    SELECT
}
