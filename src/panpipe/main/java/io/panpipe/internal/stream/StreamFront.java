/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.HandleCore;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The public front of streams as the engine sees it: who calls the user back for what befalls one. One object without state
 * answers for all of them, as {@link io.panpipe.internal.loop.Front} does.
 */
public interface StreamFront {

    /** Calls back for a request: it is done, or has failed; or for a connection that waits to be accepted. */
    void call(HandleCore stream, Object callback, @Nullable Failure failure);

    /** Calls back with what was read, or with why reading has ended. */
    void read(HandleCore stream, Object callback, @Nullable ByteBuffer data, @Nullable Failure failure);
}
