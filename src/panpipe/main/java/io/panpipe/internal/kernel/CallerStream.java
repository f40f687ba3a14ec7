/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.ByteBuffer;

/**
 * A connection as threads use it that are not its loop's: they read and write it themselves, without ever blocking, and the
 * selector tells them when to try again.
 *
 * <p>Of reads, and of what belongs to them, one is made at a time, and so with writes; the two go on side by side, on any
 * threads. A call under way holds the descriptor: closing the channel meanwhile lets the call end, and no call ever meets
 * another file that was given the same number.
 */
public interface CallerStream {

    /** Nothing could be done now, as {@link Channel#WOULD_BLOCK}. */
    int WOULD_BLOCK = Channel.WOULD_BLOCK;

    /** The other end will send nothing more, as {@link StreamChannel#END_OF_STREAM}. */
    int END_OF_STREAM = StreamChannel.END_OF_STREAM;

    /** The channel was closed, or given away. */
    int CLOSED = -4;

    /** The system has no memory for it just now, which no readiness tells the end of: the loop's own write waits for that. */
    int NOT_NOW = -5;

    /** Who is told when to try again, on the loop's thread, and what could not be delivered. */
    interface Listener {

        /** There may be something to read, or the channel was closed. */
        void readable();

        /** There may be room to write, or the channel was closed. */
        void writable();

        /**
         * Keeps bytes that were read and that a buffer did not take, on the thread that reads, before that is thrown.
         *
         * @param rest the bytes, for the time of this call
         */
        void unplaced(ByteBuffer rest);

        /**
         * Tells, on the loop's thread, whether bytes would be lost, or a write left unfinished, if the descriptor were given
         * away now: also of threads that are in no call at the moment.
         */
        default boolean isBusy() {
            return false;
        }
    }

    /**
     * Reads what is there.
     *
     * @param targets buffers, filled one after the other and moved on; some of them have room
     * @param from the first one's index
     * @param end the index after the last one's
     * @return bytes read, at least 1; {@link #WOULD_BLOCK}, {@link #END_OF_STREAM} or {@link #CLOSED}
     * @throws KernelException what the system reports
     */
    int read(ByteBuffer[] targets, int from, int end) throws KernelException;

    /**
     * Writes as much as fits.
     *
     * @param sources buffers, which are moved on by what was written; the first of them has something
     * @param from the first one's index
     * @param end the index after the last one's
     * @return bytes written, at least 1; {@link #WOULD_BLOCK}, {@link #NOT_NOW} or {@link #CLOSED}
     * @throws KernelException EPIPE if the other end is gone, or what else the system reports; never a signal
     */
    int write(ByteBuffer[] sources, int from, int end) throws KernelException;

    /**
     * Returns how many bytes can be read without waiting; 0 for a closed channel. For any thread.
     *
     * @throws KernelException what the system reports
     */
    int available() throws KernelException;

    /**
     * Has {@link Listener#readable} called each time something comes, and soon if something is there; or not any more.
     *
     * @throws KernelException if the system cannot watch the descriptor
     */
    void watchRead(boolean on) throws KernelException;

    /**
     * Has {@link Listener#writable} called once there is room, which may be soon.
     *
     * @throws KernelException if the system cannot watch the descriptor
     */
    void awaitWrite() throws KernelException;

    /** The system refuses to let the thread {@link #park}. */
    int UNABLE = 0;

    /** {@link #park} has ended: it is worth trying again. */
    int READY = 1;

    /** {@link #park} has ended for another reason. */
    int WOKEN = 2;

    /**
     * Makes the calling thread, which is no virtual one, known to {@link #wake}, until {@link #parked}.
     *
     * @param input which direction
     * @return false where it cannot {@link #park}: for want of a descriptor, or at all
     */
    default boolean mayPark(boolean input) {
        return false;
    }

    /**
     * Blocks the calling thread in the system, without the loop: until there is something to read, or room to write; or until
     * {@link #wake}, which counts from {@link #mayPark} on.
     *
     * @param input which direction
     * @param nanos how long at most; 0 for ever
     * @return {@link #READY}, {@link #WOKEN} or {@link #UNABLE}
     */
    default int park(boolean input, long nanos) {
        return UNABLE;
    }

    /** Ends what {@link #mayPark} began. */
    default void parked(boolean input) {}

    /** Ends the block of a thread, if there is one. For any thread. */
    default void wake(boolean input) {}

    /** Takes all this back, on the loop's thread, before any other thread was given it. */
    default void end() {}

    /** Returns how many bytes were read in this way. */
    long bytesRead();

    /** Returns how many bytes were written in this way. */
    long bytesWritten();
}
