/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.Random;

/**
 * How long bytes are under way between the two ends of some connections; at first no time at all.
 *
 * <p>The world's lock is held.
 */
public final class Link {

    /** The connections of one machine that nothing was said about. */
    static final Link IMMEDIATE = new Link();

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private long latencyNanos;
    private long jitterNanos;
    private long bytesPerSecond;

    /** Sets how long each byte is under way at least, and by how much more it may be, in nanoseconds. */
    public void latency(long nanos, long jitter) {
        latencyNanos = nanos;
        jitterNanos = jitter;
    }

    /** Sets how many bytes a second leave an end; 0 for any number. */
    public void bandwidth(long bytes) {
        bytesPerSecond = bytes;
    }

    boolean isImmediate() {
        return latencyNanos == 0 && jitterNanos == 0 && bytesPerSecond == 0;
    }

    /** Returns how long the line is busy with so many bytes. */
    long sendingNanos(int bytes) {
        return bytesPerSecond == 0 ? 0 : (long) ((double) bytes * NANOS_PER_SECOND / bytesPerSecond);
    }

    /** Returns how long the next bytes are under way. */
    long latency(Random random) {
        return jitterNanos == 0 ? latencyNanos : latencyNanos + (long) (random.nextDouble() * jitterNanos);
    }

    /** Returns how long question and answer of a connect take. */
    long roundTrip() {
        return 2 * latencyNanos;
    }
}
