/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.HandleKind;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be accepted from an IPC pipe.
 *
 * @since 0.1
 */
public enum PendingType {
    /** Nothing. */
    NONE,

    /** A stream socket of the Unix domain, a FIFO, an anonymous pipe or a terminal: accept it with a {@link Pipe}. */
    PIPE,

    /** A TCP socket, connected or listening: accept it with a {@link Tcp}. */
    TCP,

    /** A UDP socket: accept it with a {@link Udp}. */
    UDP,

    /** A file, a directory, a memory file or anything else: accept it with a {@link RawDescriptor}. */
    DESCRIPTOR;

    /** Returns the type of what waits; null is nothing. */
    static PendingType of(@Nullable HandleKind kind) {
        return switch (kind) {
            case null -> NONE;
            case PIPE -> PIPE;
            case TCP -> TCP;
            case UDP -> UDP;
            case OTHER -> DESCRIPTOR;
        };
    }
}
