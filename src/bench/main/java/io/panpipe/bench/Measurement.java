/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.HashMap;
import java.util.Map;

/**
 * What one run of the load tells.
 *
 * @param operations done in the time that was measured
 * @param seconds how long that was
 * @param cpuNanos how much of a processor the server took
 * @param bytes how many bytes of payload went through
 * @param latencies percentiles of the round trips in ns, by name; empty where they were not measured
 */
record Measurement(double operations, double seconds, double cpuNanos, double bytes, Map<String, Double> latencies) {

    private static final String LATENCY_SUFFIX = "_ns";

    /** Reads the line that the load prints. */
    static Measurement parse(String line) {
        Map<String, String> fields = new HashMap<>();
        Map<String, Double> latencies = new HashMap<>();
        for (String field : line.strip().split(" ")) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("the load printed: " + line);
            }
            String key = field.substring(0, equals);
            fields.put(key, field.substring(equals + 1));
            if (key.startsWith("p") && key.endsWith(LATENCY_SUFFIX)) {
                latencies.put(key, Double.valueOf(field.substring(equals + 1)));
            }
        }
        return new Measurement(
                number(fields, "ops"),
                number(fields, "seconds"),
                number(fields, "server_cpu_ns"),
                number(fields, "bytes"),
                Map.copyOf(latencies));
    }

    private static double number(Map<String, String> fields, String key) {
        String value = fields.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the load did not print " + key);
        }
        return Double.parseDouble(value);
    }
}
