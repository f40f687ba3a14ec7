/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/** What an open descriptor can be driven as. */
public enum HandleKind {
    /** A stream socket of the Unix domain, a FIFO, an anonymous pipe, a named pipe. */
    PIPE,

    /** A TCP socket. */
    TCP,

    /** A UDP socket. */
    UDP,

    /** Anything else: a file, a directory, a memory file, an event counter. */
    OTHER
}
