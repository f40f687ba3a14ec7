/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import org.jspecify.annotations.Nullable;

/**
 * What one end of a connection sends is under way here: it arrives in order, after the time that the {@link Link} asks
 * for, or at once.
 *
 * <p>The world's lock is held.
 */
final class Way {

    /** The way from an end that is not connected. */
    static final Way NONE = new Way(null, Link.IMMEDIATE);

    private final @Nullable World world;
    private final Link link;
    private long sentAt;
    private long arrivesAt;

    Way(@Nullable World world, Link link) {
        this.world = world;
        this.link = link;
    }

    /** Sends so many bytes, or the word of an end for none; what happens at the other end happens when they arrive. */
    void send(int bytes, Runnable arrival) {
        if (world == null || link.isImmediate() && arrivesAt <= world.clock().now()) {
            arrival.run();
            return;
        }
        long now = world.clock().now();
        sentAt = Math.max(now, sentAt) + link.sendingNanos(bytes);
        arrivesAt = Math.max(arrivesAt, sentAt + link.latency(world.scheduler().random()));
        world.clock().schedule(arrivesAt - now, null, arrival);
    }
}
