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
    static final Way NONE = new Way(null, null);

    private final @Nullable World world;
    private final Links.@Nullable Route route;
    private long sentAt;
    private long arrivesAt;

    Way(@Nullable World world, Links.@Nullable Route route) {
        this.world = world;
        this.route = route;
    }

    /** Sends so many bytes, or the word of an end for none; what happens at the other end happens when they arrive. */
    void send(int bytes, Runnable arrival) {
        Link link = route == null ? Link.IMMEDIATE : route.link();
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
