/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.StreamHandle;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Who is told what comes over a {@link NodeChannel}. */
interface NodeReceiver {

    /** Called with a message, and the socket that came with it, to be given to {@link NodeChannel#release} at last. */
    void message(@Nullable Object message, @Nullable StreamHandle<?> socket) throws Exception;

    /** Called once, with null when the parent has disconnected or is gone, or with what is wrong. */
    void disconnected(@Nullable IOException error) throws Exception;
}
