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

    /**
     * Connects to a name, on behalf of somebody who waits while the server has no room. Where the system's refusal does not tell
     * that from a server that is not there, this finds out, and answers EAGAIN.
     *
     * @param again whether EAGAIN is tried again
     * @return as {@link #connect(String)}
     * @throws KernelException as {@link #connect(String)}
     */
    default boolean connect(String name, boolean again) throws KernelException {
        return connect(name);
    }

    /**
     * Returns the timeout in nanoseconds of a connect that was given none: -1, for one attempt, where EAGAIN means that the
     * backlog is full; more where it only means that many clients come at once.
     */
    default long busyPatience() {
        return -1;
    }

    /**
     * Makes this a channel that carries descriptors beside its bytes, where those two are told apart inside the stream:
     * both ends have to do so. Before anything is read or written.
     */
    default void carryHandles() {}

    /**
     * Sets who may open the name that is bound next, instead of permission bits.
     *
     * @param sddl a security descriptor in Windows's text form
     * @throws KernelException ENOTSUP where there is no such thing
     */
    default void securityDescriptor(String sddl) throws KernelException {
        throw new KernelException(Fault.ENOTSUP, 0, "securityDescriptor", "only Windows knows security descriptors");
    }

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

    /**
     * Writes as {@link #write} does, and sends descriptors along with the first byte.
     *
     * <p>When bytes have been written, or bytes in flight are reported as written, the descriptors have been sent: the
     * receiver gets duplicates, and these here may be closed.
     *
     * @param data at least one byte, since a message without data would lose its descriptors
     * @param descriptors numbers in its first {@code count} places
     * @param count 1 to {@link Selector#MOST_HANDLES}
     * @return as {@link #write}
     * @throws KernelException as {@link #write}; ENOTSUP where descriptors cannot be sent
     */
    int writeWithHandles(Gather data, long[] descriptors, int count) throws KernelException;

    /**
     * Reads as {@link #read} does, together with the descriptors that come with the bytes. They are close-on-exec.
     *
     * <p>One read brings the descriptors of one message, and none behind the first byte of the write that sent them. Linux joins
     * earlier bytes and ends a read behind such a message; macOS and the BSDs begin a read with it, and may join later bytes.
     *
     * @param inbox cleared first
     * @return as {@link #read}
     */
    int readWithHandles(Region into, int offset, int length, HandleInbox inbox) throws KernelException;

    /**
     * Frees the name that this channel has bound, if it still is its own, so that another one can bind it at once; who is
     * connected or waits in the backlog stays. From any thread.
     *
     * @return false where a name lasts as long as the socket, or it has none
     */
    default boolean releaseName() {
        return false;
    }

    /** Sets how many instances of a named pipe wait for clients; without effect where the backlog does this. */
    void pendingInstances(int count);
}
