/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The tables of the report, in Markdown. */
final class Tables {

    static final double NANOS_PER_MICRO = 1e3;

    static final String RATIO = "%.2f";

    private static final String WHOLE = "%,.0f";

    private Tables() {}

    /** What was done, and by what it is divided. */
    static String title(Work work) {
        return work.name() + ": " + work.title() + ", per " + work.unit().label;
    }

    /** One work: all who took part, beside the floor. */
    static String work(Data data, Work work) {
        List<String> servers = data.servers(Section.WORKS, work.name());
        boolean latency = has(data, work, Metric.MEDIAN);
        boolean utilisation = has(data, work, Metric.UTILISATION);
        boolean alike = servers.stream().anyMatch(server -> hasFloorOfItsOwn(servers, server));
        List<String> lines = new ArrayList<>();
        lines.add("| server | processor time | 95 % |" + (alike ? " beside its like | 95 % |" : "")
                + " throughput | 95 % |" + (utilisation ? " busy |" : "") + " ns per " + work.unit().label + " |"
                + (latency ? " p50, µs | p99, µs | p99.9, µs |" : ""));
        lines.add("|---|---:|---:|" + (alike ? "---:|---:|" : "") + "---:|---:|" + (utilisation ? "---:|" : "")
                + "---:|" + (latency ? "---:|---:|---:|" : ""));
        for (String server : servers) {
            StringBuilder line = new StringBuilder("| ").append(server).append(" |");
            addRatio(line, data.ratio(Section.WORKS, work.name(), server, Peers.FLOOR, Metric.CPU));
            if (alike) {
                addRatio(line, besideItsLike(data, work.name(), servers, server));
            }
            addRatio(line, data.ratio(Section.WORKS, work.name(), server, Peers.FLOOR, Metric.RATE));
            if (utilisation) {
                addMedian(line, data, work, server, Metric.UTILISATION, RATIO, 1);
            }
            addMedian(line, data, work, server, Metric.CPU, WHOLE, 1);
            if (latency) {
                for (String metric : List.of(Metric.MEDIAN, Metric.PERCENTILE_99, Metric.PERCENTILE_999)) {
                    addMedian(line, data, work, server, metric, "%.1f", NANOS_PER_MICRO);
                }
            }
            lines.add(line.toString());
        }
        String about = rounds(data, work, servers);
        return String.join("\n", lines) + "\n" + (about.isEmpty() ? "" : "\n" + about + "\n");
    }

    private static boolean has(Data data, Work work, String metric) {
        return data.servers(Section.WORKS, work.name()).stream()
                .anyMatch(server -> data.values(Section.WORKS, work.name(), server, metric).length > 0);
    }

    private static boolean hasFloorOfItsOwn(List<String> servers, String server) {
        return !Peers.isFloor(server)
                && Peers.floorOf(servers, server).filter(floor -> !floor.equals(Peers.FLOOR)).isPresent();
    }

    /** The ratio to the floor that does it in the same manner, where that is another than the floor of all. */
    private static Optional<Estimate> besideItsLike(Data data, String work, List<String> servers, String server) {
        return hasFloorOfItsOwn(servers, server)
                ? data.ratio(Section.WORKS, work, server, Peers.floorOf(servers, server).orElseThrow(), Metric.CPU)
                : Optional.empty();
    }

    private static void addRatio(StringBuilder line, Optional<Estimate> ratio) {
        line.append(ratio.map(r -> format(" " + RATIO + " | %s |", r.median(), r.spread(RATIO)))
                .orElse(" | |"));
    }

    private static void addMedian(
            StringBuilder line, Data data, Work work, String server, String metric, String format, double divisor) {
        line.append(data.estimate(Section.WORKS, work.name(), server, metric)
                .map(e -> format(" " + format + " |", e.median() / divisor))
                .orElse(" |"));
    }

    /** How many rounds count, how many do not, and who was not level in those that do. */
    private static String rounds(Data data, Work work, List<String> servers) {
        Optional<Estimate> discarded = data.estimate(Section.WORKS, work.name(), servers.get(0), Metric.DISCARDED);
        if (discarded.isEmpty()) {
            return "";
        }
        String unlevel = servers.stream()
                .filter(server -> data.estimate(Section.WORKS, work.name(), server, Metric.LEVEL)
                        .filter(e -> e.median() == 0)
                        .isPresent())
                .collect(Collectors.joining(", "));
        int counted = servers.stream()
                .mapToInt(server -> data.values(Section.WORKS, work.name(), server, Metric.CPU).length)
                .max()
                .orElse(0);
        return format("Rounds: %d, after %.0f that were discarded", counted, discarded.get().median())
                + (unlevel.isEmpty() ? "." : "; still not level: " + unlevel + ".");
    }

    /** A measurement of memory, unless it says that connections give memory back. */
    static Optional<Estimate> possible(Data data, String subject, String server, String metric) {
        return data.estimate(Section.MEMORY, subject, server, metric)
                .filter(e -> Arrays.stream(data.values(Section.MEMORY, subject, server, metric)).allMatch(v -> v >= 0));
    }

    /** What an idle connection costs. */
    static String memory(Data data) {
        List<String> servers = data.servers(Section.MEMORY, IdleMemory.SUBJECT);
        boolean impossible = false;
        List<String> lines = new ArrayList<>();
        lines.add("| server | resident, B | 95 % | live heap, B | after an echo each: resident, B | 95 % | live heap, B"
                + " | in the kernel, both ends, B |");
        lines.add("|---|---:|---:|---:|---:|---:|---:|---:|");
        for (String server : servers) {
            StringBuilder line = new StringBuilder("| ").append(server).append(" |");
            for (String metric : List.of(
                    Metric.RESIDENT, Metric.LIVE, Metric.RESIDENT_SPOKEN, Metric.LIVE_SPOKEN, Metric.KERNEL)) {
                boolean isSpread = metric.equals(Metric.RESIDENT) || metric.equals(Metric.RESIDENT_SPOKEN);
                Optional<Estimate> possible = possible(data, IdleMemory.SUBJECT, server, metric);
                boolean measured = data.values(Section.MEMORY, IdleMemory.SUBJECT, server, metric).length > 0;
                impossible |= measured && possible.isEmpty();
                line.append(possible.map(e -> format(" " + WHOLE + " |", e.median())
                                + (isSpread ? " " + e.spread(WHOLE) + " |" : ""))
                        .orElse((measured ? " unmeasurable |" : " |") + (isSpread ? " |" : "")));
            }
            lines.add(line.toString());
        }
        return String.join("\n", lines) + "\n"
                + (impossible ? "\nUnmeasurable: it shrank in a round, since other memory was freed meanwhile.\n" : "");
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
                        .map(e -> format(" %.0f | %s |", e.median(), e.spread("%.0f")))
                        .orElse(" | |"));
            }
            lines.add(line.toString());
        }
        return String.join("\n", lines) + "\n";
    }

    /** What JMH measured. */
    static String jmh(Data data) {
        List<String> lines = new ArrayList<>();
        lines.add("| benchmark | | forks | ns per operation | 95 % | median of the single ones | 95 % | allocated, B |");
        lines.add("|---|---|---:|---:|---:|---:|---:|---:|");
        for (String benchmark : data.subjects(Section.JMH)) {
            for (String library : data.servers(Section.JMH, benchmark)) {
                StringBuilder line = new StringBuilder("| " + benchmark + " | " + library + " |");
                line.append(format(" %d |", data.values(Section.JMH, benchmark, library, Metric.NANOS).length));
                for (String metric : List.of(Metric.NANOS, Metric.MEDIAN_NANOS)) {
                    line.append(data.estimate(Section.JMH, benchmark, library, metric)
                            .map(e -> format(" %s | %s |", score(e.median()), e.spread(digits(e.median()))))
                            .orElse(" | |"));
                }
                line.append(data.estimate(Section.JMH, benchmark, library, Metric.BYTES)
                        .filter(e -> !Double.isNaN(e.median()))
                        .map(e -> " " + score(e.median()) + " |")
                        .orElse(" |"));
                lines.add(line.toString());
            }
        }
        return String.join("\n", lines) + "\n";
    }

    /** With two digits at least. */
    static String score(double score) {
        return format(digits(score), score);
    }

    private static String digits(double score) {
        return score < 10 ? "%.2f" : score < 100 ? "%.1f" : WHOLE;
    }

    /** What was to be reached, and what was. */
    static String goals(Data data) {
        List<String> lines = new ArrayList<>();
        List<String> unmeasured = new ArrayList<>();
        lines.add("| goal | at most | median | 95 % | |");
        lines.add("|---|---:|---:|---:|---|");
        for (Goal goal : Goal.of(data)) {
            if (goal.measured().isEmpty()) {
                unmeasured.add(goal.what());
                continue;
            }
            Estimate e = goal.measured().get();
            lines.add(format(
                    "| %s | " + goal.format() + " | " + goal.format() + " | %s | %s |",
                    goal.what(),
                    goal.limit(),
                    e.median(),
                    e.spread(goal.format()),
                    goal.verdict().orElseThrow().text()));
        }
        return String.join("\n", lines) + "\n"
                + (unmeasured.isEmpty() ? "" : "\nNot measured: " + String.join("; ", unmeasured) + ".\n");
    }

    /** Of what and on what was measured. */
    static String versions(Data data) {
        List<String> lines = new ArrayList<>();
        for (String name : Versions.names()) {
            data.about(name).ifPresent(version -> lines.add("| " + name + " | " + version + " |"));
        }
        return lines.isEmpty()
                ? "The versions were not recorded.\n"
                : "| | version |\n|---|---|\n" + String.join("\n", lines) + "\n";
    }

    static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
