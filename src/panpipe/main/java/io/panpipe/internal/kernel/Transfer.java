/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/**
 * Moves bytes from one stream channel to another without copying them through the process: what was taken from the source
 * waits inside the kernel until the sink takes it.
 *
 * <p>What is held is the sink's already. It is given, taken back or discarded whatever becomes of the source.
 */
public interface Transfer {

    /**
     * Nothing was taken. Whether there is something all the same, or an end, a read has to find out: what moves bytes
     * inside a kernel says "nothing" and "end" where a read finds data.
     */
    int READ_INSTEAD = 0;

    /** These two channels, or one of them, cannot be served; they never will be. */
    int UNABLE = -4;

    /**
     * Tells whether taking what comes next costs less than reading it, as far as can be told from what came last.
     *
     * @param bytes how many the last read or {@link #take} brought, 1 or more
     */
    boolean pays(int bytes);

    /**
     * Takes what the source has. Only while nothing is held, and nothing of the sink's is in flight.
     *
     * @return bytes that are held now, {@link #READ_INSTEAD} or {@link #UNABLE}
     * @throws KernelException what is wrong with the source, as a read would say
     */
    int take() throws KernelException;

    /**
     * Gives the sink what it takes now of what is held.
     *
     * @return bytes given, {@link StreamChannel#WOULD_BLOCK}, or {@link #UNABLE}: then it has to be {@linkplain #takeBack
     *     taken back} and written
     * @throws KernelException what is wrong with the sink, as a write would say
     */
    int give() throws KernelException;

    /**
     * Copies the first bytes of what is held into a region of the channels' selector; they are held no longer.
     *
     * @param length 1 to as many as are held
     * @return bytes copied, at least 1
     */
    int takeBack(Region into, int offset, int length);

    /** Forgets what is held. */
    void discard();
}
