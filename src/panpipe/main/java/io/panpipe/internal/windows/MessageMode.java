/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

/**
 * How bytes are bound together in a pipe. Who made it decides whether it is one of messages; how they are read, each end
 * for itself.
 *
 * <p>A message of no bytes means in all programs that send one that no more will come: it is the half-close of Docker, of
 * Podman and of WCF.
 */
enum MessageMode {

    /** A pipe of bytes, where a write of none is nothing. */
    BYTES,

    /** A pipe of messages, read one by one, so that none of them is overlooked. */
    MESSAGES,

    /** A pipe of messages whose mode of reading cannot be changed: an empty one may be passed over behind another one. */
    MESSAGES_AS_BYTES;

    boolean hasMessages() {
        return this != BYTES;
    }
}
