/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import org.jspecify.annotations.Nullable;

/**
 * Called when something asked of a stream has been done or has failed: connect, write, shutdown, a new connection.
 *
 * @param <S> the kind of stream
 * @since 0.1
 */
@FunctionalInterface
public interface StreamCallback<S> {

    /**
     * Called once for each request, in the order of the requests, on the loop's thread, never inside the call that asked
     * for it. For {@code listen} it is called for each connection that waits, and for each error in accepting.
     *
     * @param stream the stream it is about
     * @param error why it failed, or null if it succeeded
     * @throws Exception anything; it goes to the loop's uncaught-exception handler
     */
    void call(S stream, @Nullable PanpipeException error) throws Exception;
}
