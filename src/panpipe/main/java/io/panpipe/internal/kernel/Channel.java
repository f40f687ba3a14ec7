/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/**
 * Something of one selector that has a descriptor, in the vocabulary of readiness: every operation tries and never
 * blocks.
 *
 * <p>Interest is level-triggered: as long as a channel is ready for what it is interested in, each
 * {@link Selector#select} says so. A channel whose other end has hung up is ready for everything.
 */
public interface Channel {

    /**
     * Interest in, or readiness for, {@link StreamChannel#read} or {@link UdpChannel#receive}. The values of the four are
     * those of {@link java.nio.channels.SelectionKey}.
     */
    int READ = 1;

    /** Interest in, or readiness for, {@link StreamChannel#write} or {@link UdpChannel#send}. */
    int WRITE = 1 << 2;

    /** Interest in, or readiness for, {@link StreamChannel#finishConnect}. */
    int CONNECT = 1 << 3;

    /** Interest in, or readiness for, {@link StreamChannel#accept}. */
    int ACCEPT = 1 << 4;

    /** The operation could do nothing now; the selector will say when to try again. */
    int WOULD_BLOCK = -1;

    /** Sets who is told of this channel's events; set before any interest. */
    void listener(ChannelListener listener);

    /**
     * Replaces the set of operations the selector watches for.
     *
     * @param operations {@link #READ}, {@link #WRITE}, {@link #CONNECT}, {@link #ACCEPT} or-ed together; 0 for none,
     *     which also silences a hang-up
     * @throws KernelException if the system cannot watch the descriptor
     */
    void interest(int operations) throws KernelException;

    /** Returns the descriptor's number (or the HANDLE's value), or -1 if there is none yet or any more. */
    long descriptor();

    /**
     * Returns the descriptor's number to the user, who may duplicate it: closing the channel then does not close the open
     * file, and the kernel must not go on reporting it.
     */
    default long expose() {
        return descriptor();
    }

    /** Returns the send buffer's size in bytes as the system reports it. */
    int sendBufferSize() throws KernelException;

    /** Asks for a send buffer of so many bytes; the system may round. */
    void sendBufferSize(int bytes) throws KernelException;

    /** Returns the receive buffer's size in bytes as the system reports it. */
    int receiveBufferSize() throws KernelException;

    /** Asks for a receive buffer of so many bytes; the system may round. */
    void receiveBufferSize(int bytes) throws KernelException;

    /**
     * Gives the descriptor up without closing it; the channel is closed otherwise. Not while bytes are in flight.
     *
     * @return the descriptor's number, which belongs to the caller now
     */
    long detach() throws KernelException;

    /**
     * Makes another descriptor of the same open file, to be sent to a process. {@link #passed} follows.
     *
     * @return its number, which belongs to the caller
     * @throws KernelException EMFILE without a descriptor left, EBADF if there is none to duplicate
     */
    long duplicate() throws KernelException;

    /**
     * A duplicate was sent, so that the open file, and a name that it is bound to, are another process's as well from now on; or
     * it never will be. Called while the duplicate is open, on the thread that sends it, be this channel closed or not.
     */
    default void passed(boolean sent) {}

    /**
     * Closes the channel. Idempotent. No event is dispatched afterwards but the report of bytes in flight. The name that
     * this channel bound is unlinked if it is still its own.
     */
    void close();
}
