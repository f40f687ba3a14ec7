/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.loop.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Who hears of a request in the place of a callback of the user's: something of the engine's own, which has asked for it. A class,
 * and no interface, because it is looked for among the user's callbacks with each request that is told.
 */
abstract class Completion {

    /** The request is done, or has failed. */
    abstract void done(@Nullable Failure failure);

    /** Tells whether the user hears of a failure from this. */
    abstract boolean isTold();
}
