/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

/** The access rights that a client asks for and a descriptor grants. */
final class PipeAccess {

    /** FILE_GENERIC_READ. */
    static final int READ = 0x120089;

    /**
     * FILE_GENERIC_WRITE less FILE_APPEND_DATA: on a pipe that bit is FILE_CREATE_PIPE_INSTANCE, the right to make
     * further instances of the name, and so to take the server's clients.
     */
    static final int WRITE = 0x120112;

    /** What a client of a one-way pipe needs beside reading: to set its own end's mode. */
    static final int WRITE_ATTRIBUTES = 0x100;

    /** What a client of a one-way pipe needs beside writing. */
    static final int READ_ATTRIBUTES = 0x80;

    private PipeAccess() {}
}
