/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/** Something that sends what was written in a callback when that callback returns. */
interface Flushed {

    /** Sends what was noted with {@link LoopBuffers#sendSoon}. */
    void sendNoted();
}
