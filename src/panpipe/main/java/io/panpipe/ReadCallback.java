/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives what a stream reads.
 *
 * @param <S> the kind of stream
 * @since 0.1
 */
@FunctionalInterface
public interface ReadCallback<S> {

    /**
     * Called on the loop's thread for each piece of data, and once for the end of the stream or an error, after which
     * reading has stopped.
     *
     * @param stream the stream that was read
     * @param data the bytes between position and limit: the loop's own memory, valid until this callback returns, which
     *     may be given to {@code write} as it is; null at the end and on an error
     * @param error null with data; at the end of the stream its code is {@link ErrorCode#EOF}
     * @throws Exception anything; it goes to the loop's uncaught-exception handler
     */
    void call(S stream, @Nullable ByteBuffer data, @Nullable PanpipeException error) throws Exception;
}
