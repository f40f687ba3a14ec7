/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds every row of the report in which a peer is ahead of Panpipe, told apart from it or not. */
final class Behind {

    /** A paragraph that tells why begins with the names of the rows that it is about, in bold. */
    private static final Pattern REASON = Pattern.compile("^\\*\\*(.+?)\\*\\*", Pattern.MULTILINE);

    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    private static final String PROCESSOR_TIME = "processor time";
    private static final double THROUGHPUT_FALLS = 0.95;

    /** A peer that is ahead, and by how much: Panpipe's measurements over its. */
    private record Ahead(String peer, Estimate ratio) {

        /** Whether it is ahead beyond doubt. */
        boolean isCertain() {
            return ratio.isInterval() && ratio.low() > 1;
        }

        @Override
        public String toString() {
            return peer + Tables.format(" %.2f", ratio.median())
                    + (ratio.count() == 1 ? "" : " (" + ratio.spread(Tables.RATIO) + ")");
        }
    }

    private final Data data;
    private final List<String> explained = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    private Behind(Data data, String page) {
        this.data = data;
        Matcher reasons = REASON.matcher(page);
        while (reasons.find()) {
            NAME.matcher(reasons.group(1)).results().forEach(name -> explained.add(name.group(1)));
        }
    }

    /**
     * The table of these rows.
     *
     * @param page whose paragraphs say what is known of the reasons
     */
    static String of(Data data, String page) {
        Behind behind = new Behind(data, page);
        behind.works();
        behind.memory();
        behind.startUp();
        behind.jmh();
        String all = behind.lines.isEmpty()
                ? "There is none.\n"
                : "| row | | Panpipe's, as a multiple of the peer's | | why |\n|---|---|---|---|---|\n"
                        + String.join("\n", behind.lines) + "\n";
        return all + "\n" + behind.throughput();
    }

    private void works() {
        for (Work work : Work.ALL) {
            List<String> servers = data.servers(Section.WORKS, work.name());
            for (String ours : servers) {
                if (Peers.isOurs(ours)) {
                    List<String> peers = servers.stream().filter(peer -> Peers.isPeer(ours, peer)).toList();
                    if (!Peers.isBusy(ours)) {
                        compare(Section.WORKS, work.name(), work.name(), ours, peers, Metric.CPU, PROCESSOR_TIME);
                    }
                    compare(Section.WORKS, work.name(), work.name(), ours, peers, Metric.MEDIAN, "median round trip");
                }
            }
        }
    }

    private void memory() {
        List<String> servers = data.servers(Section.MEMORY, IdleMemory.SUBJECT);
        for (String metric : List.of(Metric.RESIDENT, Metric.RESIDENT_SPOKEN)) {
            List<String> peers = servers.stream()
                    .filter(peer -> Peers.isPeer(Peers.PANPIPE, peer))
                    .filter(peer -> Tables.possible(data, IdleMemory.SUBJECT, peer, metric).isPresent())
                    .toList();
            String what = metric.equals(Metric.RESIDENT) ? "resident memory" : "resident memory after an echo";
            compare(Section.MEMORY, IdleMemory.SUBJECT, "memory", Peers.PANPIPE, peers, metric, what);
        }
    }

    private void startUp() {
        List<String> peers = data.servers(Section.STARTUP, StartUp.SUBJECT).stream()
                .filter(program -> program.endsWith("Echo") && !program.equals("PanpipeEcho"))
                .toList();
        compare(Section.STARTUP, StartUp.SUBJECT, "start", "PanpipeEcho", peers, Metric.COLD, "cold");
        compare(Section.STARTUP, StartUp.SUBJECT, "start", "PanpipeEcho", peers, Metric.CACHED, "with AOT cache");
    }

    private void jmh() {
        for (String benchmark : data.subjects(Section.JMH)) {
            List<String> all = data.servers(Section.JMH, benchmark);
            String row = benchmark.split(" ")[0];
            for (String ours : all) {
                if (Peers.isOurs(ours)) {
                    List<String> peers = all.stream().filter(peer -> Peers.isPeer(ours, peer)).toList();
                    compare(Section.JMH, benchmark, row, ours, peers, Metric.NANOS, "time");
                    compare(Section.JMH, benchmark, row, ours, peers, Metric.MEDIAN_NANOS, "median");
                }
            }
        }
    }

    private void compare(
            Section section, String subject, String row, String ours, List<String> peers, String metric, String what) {
        List<Ahead> ahead = new ArrayList<>();
        for (String peer : peers) {
            data.ratio(section, subject, ours, peer, metric)
                    .filter(ratio -> ratio.median() > 1)
                    .ifPresent(ratio -> ahead.add(new Ahead(peer, ratio)));
        }
        if (!ahead.isEmpty()) {
            lines.add(Tables.format(
                    "| `%s`%s | %s | %s | %s | %s |",
                    row,
                    ours.equals(Peers.PANPIPE) || section == Section.STARTUP ? "" : ", " + ours,
                    what,
                    ahead.stream().map(Ahead::toString).collect(Collectors.joining(", ")),
                    ahead.stream().anyMatch(Ahead::isCertain) ? "behind" : "not told apart",
                    explained.contains(row) ? "below" : "not known"));
        }
    }

    /** Where Panpipe moves less in a second than the floor. */
    private String throughput() {
        List<String> falls = new ArrayList<>();
        for (Work work : Work.ALL) {
            for (String ours : data.servers(Section.WORKS, work.name())) {
                Optional<Estimate> rate =
                        data.ratio(Section.WORKS, work.name(), ours, Peers.FLOOR, Metric.RATE);
                if (Peers.isOurs(ours) && rate.filter(r -> r.median() < THROUGHPUT_FALLS).isPresent()) {
                    falls.add(Tables.format(
                            "`%s` %s %.2f of it (%s)",
                            work.name(), ours, rate.get().median(), rate.get().spread(Tables.RATIO)));
                }
            }
        }
        return falls.isEmpty()
                ? "Throughput is nowhere less than the floor's by a twentieth.\n"
                : "Throughput falls behind the floor's by a twentieth or more in "
                        + String.join(", ", falls) + ".\n";
    }
}
