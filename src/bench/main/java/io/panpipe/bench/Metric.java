/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

/** The names of the numbers that are measured. */
final class Metric {

    /** The server's processor time per unit, in ns. */
    static final String CPU = "cpu_ns";
    /** Units per second. */
    static final String RATE = "per_second";
    /** Percentiles of round trips, in ns. */
    static final String MEDIAN = "p50_ns";

    static final String PERCENTILE_99 = "p99_ns";
    static final String PERCENTILE_999 = "p999_ns";

    /** Bytes for each connection that never spoke: of resident memory, and of live objects. */
    static final String RESIDENT = "resident_bytes";

    static final String LIVE = "live_bytes";
    /** The same after each connection has had one echo. */
    static final String RESIDENT_SPOKEN = "resident_spoken_bytes";

    static final String LIVE_SPOKEN = "live_spoken_bytes";

    /** From the start of a JVM to its first output, in ms. */
    static final String COLD = "cold_ms";

    static final String CACHED = "cached_ms";

    private Metric() {}
}
