/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import org.jspecify.annotations.Nullable;

/** A byte stream or the listener of one. */
public interface StreamChannel extends Channel {

    /** The other end will send nothing more. */
    int END_OF_STREAM = -2;

    /** The kernel has taken all the bytes offered, and reads them from where they are until it reports them. */
    int IN_FLIGHT = -3;

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

    /**
     * Lets threads that are not the loop's read and write this connection. Called once, or again after {@link CallerStream#end}.
     *
     * @param listener who is told
     * @return null where only the loop's thread can do that
     */
    default @Nullable CallerStream callers(CallerStream.Listener listener) {
        return null;
    }

    /** Tells whether {@link #shutdownOutput} exists here. Where it does not, a stream stays writable after asking for it. */
    default boolean halfCloses() {
        return true;
    }

    /**
     * Ends the outgoing direction: the peer reads what was written, then end of stream. Not while bytes are in flight.
     *
     * @throws KernelException ENOTSUP where there is no such thing
     */
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
}
