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

    /** What was done, and by what it is divided. */
    static String title(Work work) {
        return work.name() + ": " + work.title() + ", per " + work.unit().label;
    }

    /** One work: all who took part, beside the floor. */
    static String work(Data data, Work work) {
        List<String> servers = data.servers(Section.WORKS, work.name());
        boolean latency = data.estimate(Section.WORKS, work.name(), Server.FLOOR.label(), Metric.MEDIAN)
                .isPresent();
        List<String> lines = new ArrayList<>();
        lines.add("| server | processor time | 95 % | throughput | 95 % | ns per " + work.unit().label + " |"
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

    /** What an idle connection costs. */
    static String memory(Data data) {
        List<String> lines = new ArrayList<>();
        lines.add("| server | resident, B | 95 % | live heap, B | after an echo each: resident, B | live heap, B |");
        lines.add("|---|---:|---:|---:|---:|---:|");
        for (String server : data.servers(Section.MEMORY, IdleMemory.SUBJECT)) {
            StringBuilder line = new StringBuilder("| ").append(server).append(" |");
            line.append(data.estimate(Section.MEMORY, IdleMemory.SUBJECT, server, Metric.RESIDENT)
                    .map(e -> format(" %,.0f | %,.0f–%,.0f |", e.median(), e.low(), e.high()))
                    .orElse(" | |"));
            for (String metric : List.of(Metric.LIVE, Metric.RESIDENT_SPOKEN, Metric.LIVE_SPOKEN)) {
                line.append(data.estimate(Section.MEMORY, IdleMemory.SUBJECT, server, metric)
                        .map(e -> format(" %,.0f |", e.median()))
                        .orElse(" |"));
            }
            lines.add(line.toString());
        }
        return String.join("\n", lines) + "\n";
    }

    /** From the start of a JVM to the first byte that came back. */
    static String startUp(Data data) {
        List<String> lines = new ArrayList<>();
        lines.add("| program | cold, ms | 95 % | with AOT cache, ms | 95 % |");
        lines.add("|---|---:|---:|---:|---:|");
        for (String program : data.servers(Section.STARTUP, StartUp.SUBJECT)) {
            StringBuilder line = new StringBuilder("| ").append(program).append(" |");
            for (String metric : List.of(Metric.COLD, Metric.CACHED)) {
                line.append(data.estimate(Section.STARTUP, StartUp.SUBJECT, program, metric)
                        .map(e -> format(" %.0f | %.0f–%.0f |", e.median(), e.low(), e.high()))
                        .orElse(" | |"));
            }
            lines.add(line.toString());
        }
        return String.join("\n", lines) + "\n";
    }

    /** What JMH measured. */
    static String jmh(Data data) {
        List<String> lines = new ArrayList<>();
        lines.add("| benchmark | | ns per operation | ± (99.9 %) | median | allocated, B |");
        lines.add("|---|---|---:|---:|---:|---:|");
        for (String benchmark : data.subjects(Section.JMH)) {
            for (String library : data.servers(Section.JMH, benchmark)) {
                StringBuilder line = new StringBuilder("| " + benchmark + " | " + library + " |");
                for (String metric : List.of(
                        JmhRun.NANOS, JmhRun.ERROR + JmhRun.NANOS, JmhRun.MEDIAN_NANOS, JmhRun.BYTES)) {
                    line.append(data.estimate(Section.JMH, benchmark, library, metric)
                            .filter(e -> !Double.isNaN(e.median()))
                            .map(e -> score(e.median()))
                            .orElse(" |"));
                }
                lines.add(line.toString());
            }
        }
        return String.join("\n", lines) + "\n";
    }

    /** With two digits at least. */
    private static String score(double score) {
        return format(score < 10 ? " %.2f |" : score < 100 ? " %.1f |" : " %,.0f |", score);
    }

    /** What was to be reached, and what was. */
    static String goals(Data data) {
        List<String> lines = new ArrayList<>();
        lines.add("| goal | at most | measured | 95 % | |");
        lines.add("|---|---:|---:|---:|---|");
        for (Goal goal : Goal.of(data)) {
            String measured = goal.measured()
                    .map(e -> format(goal.format().replaceAll("(.+)", "$1 | $1–$1"), e.median(), e.low(), e.high()))
                    .orElse(" | ");
            String verdict = goal.met().map(met -> met ? "met" : "**not met**").orElse("not measured");
            lines.add(format("| %s | " + goal.format() + " | %s | %s |", goal.what(), goal.limit(), measured, verdict));
        }
        return String.join("\n", lines) + "\n";
    }

    static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
