/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Region;
import org.jspecify.annotations.Nullable;

/** A piece of the loop's memory that small writes are copied into, one behind the other, to leave in one call. */
public final class Chunk {

    public static final int SIZE = 16 * 1024;

    public final Region region;

    /** The block that this chunk is a part of and goes back to, or null for one of those that the loop keeps. */
    final ChunkStore.@Nullable Block block;

    /** The free chunk below this one, while nobody uses it: so none is given back by an allocation that may fail. */
    @Nullable Chunk next;

    /** Bytes used, from the start. */
    public int fill;

    /** Pieces of a write queue that lie in here. */
    public int references;

    Chunk(Region region, ChunkStore.@Nullable Block block) {
        this.region = region;
        this.block = block;
    }

    public int room() {
        return SIZE - fill;
    }
}
