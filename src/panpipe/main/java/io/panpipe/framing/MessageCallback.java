/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives the messages that a stream reads.
 *
 * @param <S> the kind of stream
 * @since 0.1
 */
@FunctionalInterface
public interface MessageCallback<S> {

    /**
     * Called on the loop's thread for each message, and once for the end of the stream or an error, after which reading
     * has stopped.
     *
     * @param stream the stream that was read
     * @param message the bytes between position and limit, big-endian, perhaps none: valid until this callback returns,
     *     and as they are they may be given to {@code write}; null at the end and on an error
     * @param error null with a message; a {@link io.panpipe.PanpipeException} whose code is {@link ErrorCode#EOF} at
     *     the end of the stream between two messages, or another one when the system has failed; a {@link
     *     FramingException} for what is no message, is too long, or was cut off by the end of the stream
     * @throws Exception anything; it goes to the loop's uncaught-exception handler, and the next message comes all the
     *     same
     */
    void call(S stream, @Nullable ByteBuffer message, @Nullable IOException error) throws Exception;
}
