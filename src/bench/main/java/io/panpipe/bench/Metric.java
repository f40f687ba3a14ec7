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
    /** How much of the time the server ran: 1 is one processor, all the time. */
    static final String UTILISATION = "utilisation";
    /** Percentiles of round trips, in ns. */
    static final String MEDIAN = "p50_ns";

    static final String PERCENTILE_99 = "p99_ns";
    static final String PERCENTILE_999 = "p999_ns";

    /** Turns of a server before the first round of a work. */
    static final String WARM_UP = "warm_up_turns";
    /** Rounds of a work that do not count because a server was not level; in the file, their numbers are below 0. */
    static final String DISCARDED = "discarded_rounds";
    /** Whether a server was level at last: 1, or 0. */
    static final String LEVEL = "level";

    /** Bytes for each connection that never spoke: of the process's own memory, and of live objects. */
    static final String RESIDENT = "resident_bytes";

    static final String LIVE = "live_bytes";
    /** What the kernel's own memory grew by for each connection, both ends together. */
    static final String KERNEL = "kernel_bytes";
    /** The same after each connection has had one echo. */
    static final String RESIDENT_SPOKEN = "resident_spoken_bytes";

    static final String LIVE_SPOKEN = "live_spoken_bytes";

    /** From the start of a JVM to its first output, in ms. */
    static final String COLD = "cold_ms";

    static final String CACHED = "cached_ms";

    /** What JMH measures: the mean of an operation, in ns. */
    static final String NANOS = "ns/op";
    /** Of what JMH measures one by one, such as a wake-up: half of them took less. */
    static final String MEDIAN_NANOS = "median ns/op";
    /** What an operation allocates, in bytes. */
    static final String BYTES = "B/op";

    private Metric() {}
}
