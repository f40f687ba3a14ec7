/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a selector is told by any thread what it is to watch for callers. Each direction is another registration, with the
 * numbers that tell the {@link SocketCaller} apart.
 */
public interface CallerPoll {

    /** How much memory a call needs at most: that of a struct kevent. */
    int EVENT_BYTES = 64;

    /**
     * Watches for input, each arrival of which is told once; or not any more.
     *
     * @param isNew whether this descriptor was never watched for input
     * @param event memory for the call, which begins at the address
     * @return a negated errno, or 0
     */
    int input(CallState state, ByteBuffer event, long address, int fd, int generation, boolean isNew, boolean on);

    /**
     * Watches for room to write, which is told once.
     *
     * @param isNew whether this descriptor was never watched for output
     * @param event memory for the call, which begins at the address
     * @return a negated errno, or 0
     */
    int output(CallState state, ByteBuffer event, long address, int fd, int generation, boolean isNew);

    /** Ends the watching of a descriptor that others may hold duplicates of. */
    void forget(CallState state, ByteBuffer event, long address, int fd, boolean input, boolean output);

    /** Takes what a thread is blocked with, or returns null where there is no descriptor for it. */
    @Nullable CallerWaker takeWaker();

    /** Gives it back. */
    void giveBack(CallerWaker waker);
}
