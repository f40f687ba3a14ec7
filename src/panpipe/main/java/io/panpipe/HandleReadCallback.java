/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives what a stream that carries handles reads: bytes, and word of the handles that came with them.
 *
 * @param <S> the kind of stream
 * @since 0.1
 */
@FunctionalInterface
public interface HandleReadCallback<S> {

    /**
     * Called on the loop's thread for each piece of data, and once for the end of the stream or an error, after which
     * reading has stopped.
     *
     * @param stream the stream that was read
     * @param data the bytes between position and limit: the loop's own memory, valid until this callback returns; null at
     *     the end and on an error
     * @param pending the type of the first handle that waits for {@link Pipe#accept(Tcp)} and the like; NONE, and never
     *     null, when none does
     * @param error null with data; at the end of the stream its code is {@link ErrorCode#EOF}; EMFILE when handles were
     *     lost because this process has no descriptor left
     * @throws Exception anything; it goes to the loop's uncaught-exception handler
     */
    void call(S stream, @Nullable ByteBuffer data, PendingType pending, @Nullable PanpipeException error)
            throws Exception;
}
