/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/** Who hears of a channel's events: the handle above it. Called by {@link Selector#dispatch} only. */
public interface ChannelListener {

    /**
     * The channel is ready for what it was interested in.
     *
     * @param operations those of the channel's interest that can be tried now, or-ed together
     */
    void ready(int operations);

    /**
     * Bytes in flight have arrived in the pipe; the memory they were in is the stream's again.
     *
     * @param bytes how many of those in flight, from the first on; if fewer than all, the rest is to be written anew
     */
    default void written(int bytes) {
        throw new IllegalStateException("nothing of this channel is in flight");
    }

    /** Bytes in flight were not written: the write failed or, when the channel was closed, was cancelled. */
    default void writeFailed(KernelException error) {
        throw new IllegalStateException("nothing of this channel is in flight");
    }
}
