/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.internal.simulated.Link;
import io.panpipe.internal.simulated.SimulatedMachine;
import java.time.Duration;

/**
 * How slow some connections are, those that exist and those to come: at first not at all. What is set holds for what is sent
 * afterwards; nothing overtakes what is under way, save datagrams.
 *
 * @since 0.1
 */
public final class SimulatedLink {

    private final SimulatedMachine machine;
    private final Link link;

    SimulatedLink(SimulatedMachine machine, Link link) {
        this.machine = machine;
        this.link = link;
    }

    /**
     * Sets how long each byte is under way, in each direction; connecting takes twice as long.
     *
     * @param time zero or more
     * @return this link
     */
    public SimulatedLink latency(Duration time) {
        return latency(time, Duration.ZERO);
    }

    /**
     * Sets how long each byte is under way, in each direction. A stream keeps its order; datagrams may overtake each
     * other.
     *
     * @param least zero or more
     * @param jitter by how much more it may be
     * @return this link
     */
    public SimulatedLink latency(Duration least, Duration jitter) {
        if (least.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException("a negative latency: " + least + ", " + jitter);
        }
        machine.change(() -> link.latency(least.toNanos(), jitter.toNanos()));
        return this;
    }

    /**
     * Sets how fast bytes leave, in each direction.
     *
     * @param bytesPerSecond 1 or more, or 0 for any number
     * @return this link
     */
    public SimulatedLink bandwidth(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a negative bandwidth: " + bytesPerSecond);
        }
        machine.change(() -> link.bandwidth(bytesPerSecond));
        return this;
    }
}
