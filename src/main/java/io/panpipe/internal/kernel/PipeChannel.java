/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import org.jspecify.annotations.Nullable;

/** A {@link StreamChannel} that has a name in the system's namespace of pipes: a Unix domain socket or a named pipe. */
public interface PipeChannel extends StreamChannel {

    /** {@link #bind} option: take over the name from a dead server that left it behind. */
    int REPLACE_STALE = 1;

    /**
     * Binds to a name; exclusive, and reachable by nobody before the mode is set.
     *
     * @param name a path, a leading NUL for an abstract name, or empty for one that the system picks
     * @param mode permission bits as in chmod(2), 0 to 0777
     * @param options 0 or {@link #REPLACE_STALE}
     * @throws KernelException EADDRINUSE, also for what a dead server left; ENAMETOOLONG, EACCES, ENOENT, EINVAL
     */
    void bind(String name, int mode, int options) throws KernelException;

    /**
     * Connects to a name.
     *
     * @return true when connected, false when the selector will say so by {@link StreamChannel#CONNECT}
     * @throws KernelException ENOENT, ECONNREFUSED, EACCES, ENAMETOOLONG, …; EAGAIN when a server is there but has no
     *     room for one more just now, and trying again later is right
     */
    boolean connect(String name) throws KernelException;

    @Override
    @Nullable PipeChannel accept() throws KernelException;

    /** Returns the name this end is bound to, as it was asked for; empty if it has none. */
    String localName() throws KernelException;

    /** Returns the name the other end is bound to; empty if it has none. */
    String peerName() throws KernelException;

    /** Returns who the other end is. */
    Credentials peerCredentials() throws KernelException;

    /**
     * Changes the permission bits of the name that this channel bound.
     *
     * @throws KernelException EINVAL if it has bound none that has permissions, ENOENT if the name is no longer its own
     */
    void permissions(int mode) throws KernelException;

    /** Sets how many instances of a named pipe wait for clients; without effect where the backlog does this. */
    void pendingInstances(int count) throws KernelException;
}
