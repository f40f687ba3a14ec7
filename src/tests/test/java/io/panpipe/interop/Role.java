/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

/** Which end of the connection Panpipe is. */
enum Role {
    PANPIPE_SERVES,
    PANPIPE_CONNECTS;

    /** The word by which the peers' scripts know what they have to do. */
    String peerDoes() {
        return this == PANPIPE_SERVES ? "connect" : "listen";
    }
}
