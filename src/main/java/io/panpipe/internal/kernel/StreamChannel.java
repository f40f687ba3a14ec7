/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * A byte stream or the listener of one, in the vocabulary of readiness: every operation tries and never blocks.
 *
 * <p>Interest is level-triggered: as long as a channel is ready for what it is interested in, each
 * {@link Selector#select} says so. A channel whose other end has hung up is ready for everything.
 */
public interface StreamChannel {

    /** Interest in, or readiness for, {@link #read}. Values as in {@link java.nio.channels.SelectionKey}. */
    int READ = 1;

    /** Interest in, or readiness for, {@link #write}. */
    int WRITE = 1 << 2;

    /** Interest in, or readiness for, {@link #finishConnect}. */
    int CONNECT = 1 << 3;

    /** Interest in, or readiness for, {@link #accept}. */
    int ACCEPT = 1 << 4;

    /** The operation could do nothing now; the selector will say when to try again. */
    int WOULD_BLOCK = -1;

    /** The other end will send nothing more. */
    int END_OF_STREAM = -2;

    /** The kernel has taken all the bytes offered, and reads them from where they are until it reports them. */
    int IN_FLIGHT = -3;

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

    /** Tells whether this is a connection, rather than something that may listen or connect. */
    boolean isConnected();

    /** Tells whether the descriptor's access mode allows reading. */
    boolean readable();

    /** Tells whether the descriptor's access mode allows writing. */
    boolean writable();

    /**
     * Reads what is there into a region of this channel's selector.
     *
     * @return bytes read, at least 1; {@link #WOULD_BLOCK} or {@link #END_OF_STREAM}
     * @throws KernelException what the system reports, ECONNRESET for instance
     */
    int read(Region into, int offset, int length) throws KernelException;

    /**
     * Writes as much of the gathered bytes as fits.
     *
     * <p>After {@link #IN_FLIGHT} the bytes stay untouched by the caller, and no further write is made, until
     * {@link ChannelListener#written} or {@link ChannelListener#writeFailed} reports; this happens even when the
     * channel is closed meanwhile.
     *
     * @return bytes written, {@link #WOULD_BLOCK} or {@link #IN_FLIGHT}
     * @throws KernelException EPIPE if the other end is gone, or what else the system reports; never a signal
     */
    int write(Gather data) throws KernelException;

    /** Tells whether {@link #write} may ever answer {@link #IN_FLIGHT} here. */
    boolean writesInFlight();

    /** Ends the outgoing direction: the peer reads what was written, then end of stream. Not while bytes are in flight. */
    void shutdownOutput() throws KernelException;

    /**
     * Begins to accept connections.
     *
     * @param backlog how many connections may wait, 1 or more; the system may lower it
     */
    void listen(int backlog) throws KernelException;

    /**
     * Takes the next waiting connection.
     *
     * @return the connection's channel, or null if none waits now
     * @throws KernelException EMFILE, ENFILE, ENOBUFS or ENOMEM when the system is short of something: the connection
     *     then still waits
     */
    @Nullable StreamChannel accept() throws KernelException;

    /**
     * Completes a connect that was in progress, once the channel is ready for {@link #CONNECT}.
     *
     * @throws KernelException why it failed
     */
    void finishConnect() throws KernelException;

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
     * Closes the channel. Idempotent. No event is dispatched afterwards but the report of bytes in flight. The name that
     * this channel bound is unlinked if it is still its own.
     */
    void close();
}
