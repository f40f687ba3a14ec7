/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * How {@link Pipe#bind} treats a name.
 *
 * @since 0.1
 */
public enum BindOption {
    /**
     * Replaces the socket file of a server that is gone. Without it, such a file is an EADDRINUSE that says so.
     *
     * <p>A file counts as stale when no socket is bound to it any more. While it is replaced the directory is locked
     * (flock(2)), so that of two servers starting at once one gets the name and the other an EADDRINUSE; the caller must
     * be allowed to read the directory. A file that is no socket is never replaced.
     */
    REPLACE_STALE
}
