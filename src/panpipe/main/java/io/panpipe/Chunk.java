/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Region;

/** A piece of the loop's memory that small writes are copied into, one behind the other, to leave in one call. */
final class Chunk {

    static final int SIZE = 16 * 1024;

    final Region region;

    /** Bytes used, from the start. */
    int fill;

    /** Pieces of a write queue that lie in here. */
    int references;

    Chunk(Region region) {
        this.region = region;
    }

    int room() {
        return SIZE - fill;
    }
}
