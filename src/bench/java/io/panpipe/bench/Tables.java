/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The tables of the report, in Markdown. */
final class Tables {

    private static final double NANOS_PER_MICRO = 1e3;

    private Tables() {}

    /** One work: all who took part, beside the floor. */
    static String work(Data data, Work work) {
        List<String> servers = data.servers(Section.WORKS, work.name());
        boolean latency = data.estimate(Section.WORKS, work.name(), Server.FLOOR.label(), Metric.MEDIAN)
                .isPresent();
        List<String> lines = new ArrayList<>();
        lines.add("**" + work.name() + "**: " + work.title() + ". Per " + work.unit().label + ".");
        lines.add("");
        lines.add("| server | processor time | 95 % | throughput | 95 % | ns of processor time |"
                + (latency ? " p50, µs | p99, µs | p99.9, µs |" : ""));
        lines.add("|---|---:|---:|---:|---:|---:|" + (latency ? "---:|---:|---:|" : ""));
        for (String server : servers) {
            lines.add(workLine(data, work.name(), server, latency));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String workLine(Data data, String work, String server, boolean latency) {
        StringBuilder line = new StringBuilder("| ").append(server).append(" |");
        for (String metric : List.of(Metric.CPU, Metric.RATE)) {
            Optional<Estimate> ratio = data.ratio(Section.WORKS, work, server, Server.FLOOR.label(), metric);
            line.append(ratio.map(r -> format(" %.2f | %.2f–%.2f |", r.median(), r.low(), r.high()))
                    .orElse(" | |"));
        }
        line.append(data.estimate(Section.WORKS, work, server, Metric.CPU)
                .map(e -> format(" %,.0f |", e.median()))
                .orElse(" |"));
        if (latency) {
            for (String metric : List.of(Metric.MEDIAN, Metric.PERCENTILE_99, Metric.PERCENTILE_999)) {
                line.append(data.estimate(Section.WORKS, work, server, metric)
                        .map(e -> format(" %.1f |", e.median() / NANOS_PER_MICRO))
                        .orElse(" |"));
            }
        }
        return line.toString();
    }

    static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
