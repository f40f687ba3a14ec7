/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;

/**
 * All that one run has measured and what it was measured on, in memory and as a file of comma-separated values with one
 * of them a line. What another run measured is never added: the machine was not the same then.
 */
final class Data {

    private static final String HEADER = "section,subject,server,round,metric,value";
    private static final int FIELDS = 6;
    /** The section of the lines that hold no number: versions, the date, the command. */
    private static final String ABOUT = "about";

    private static final String ABOUT_LINE = ABOUT + ",%s,-,0,text,%s";

    private final Map<String, String> about = new LinkedHashMap<>();
    private final List<Datum> all = new ArrayList<>();

    void add(Section section, String subject, String server, int round, String metric, double value) {
        all.add(new Datum(section, subject, server, round, metric, value));
    }

    /** Tells something of the run, such as the version of what was measured. */
    void about(String name, String text) {
        about.put(name, text.replace('\n', ' ').strip());
    }

    Optional<String> about(String name) {
        return Optional.ofNullable(about.get(name));
    }

    /** Forgets what a server has done, of which the rest is missing. */
    void remove(Section section, String subject, String server) {
        all.removeIf(d -> d.section() == section && d.subject().equals(subject) && d.server().equals(server));
    }

    /** Numbers the rounds of a work anew, so that those before the first that counts are below 0. */
    void discard(Section section, String subject, int rounds) {
        all.replaceAll(d -> d.section() == section && d.subject().equals(subject)
                ? new Datum(section, subject, d.server(), d.round() - rounds, d.metric(), d.value())
                : d);
    }

    boolean has(Section section) {
        return all.stream().anyMatch(d -> d.section() == section);
    }

    /** What a section has measured, in the order in which it came. */
    List<String> subjects(Section section) {
        return all.stream()
                .filter(d -> d.section() == section)
                .map(Datum::subject)
                .distinct()
                .toList();
    }

    List<String> servers(Section section, String subject) {
        return all.stream()
                .filter(d -> d.section() == section && d.subject().equals(subject))
                .map(Datum::server)
                .distinct()
                .toList();
    }

    /** The measurements of one metric that count, by rounds; empty if there are none. */
    private SortedMap<Integer, Double> rounds(Section section, String subject, String server, String metric) {
        SortedMap<Integer, Double> rounds = new TreeMap<>();
        all.stream()
                .filter(d -> d.section() == section && d.subject().equals(subject) && d.round() >= 0)
                .filter(d -> d.server().equals(server) && d.metric().equals(metric))
                .forEach(d -> rounds.put(d.round(), d.value()));
        return rounds;
    }

    /** The same in the order of the rounds. */
    double[] values(Section section, String subject, String server, String metric) {
        return array(rounds(section, subject, server, metric).values().stream().toList());
    }

    Optional<Estimate> estimate(Section section, String subject, String server, String metric) {
        return estimate(values(section, subject, server, metric));
    }

    /** One server's measurements over another's of the same round. */
    Optional<Estimate> ratio(Section section, String subject, String server, String other, String metric) {
        return estimate(ratios(section, subject, server, other, metric));
    }

    /** The same round by round, in their order; a round in which one of them is missing is passed over. */
    double[] ratios(Section section, String subject, String server, String other, String metric) {
        return sideBySide(section, subject, server, other, metric, (a, b) -> a / b);
    }

    /** One server's measurements less another's of the same round. */
    Optional<Estimate> difference(Section section, String subject, String server, String other, String metric) {
        return estimate(sideBySide(section, subject, server, other, metric, (a, b) -> a - b));
    }

    private double[] sideBySide(
            Section section,
            String subject,
            String server,
            String other,
            String metric,
            DoubleBinaryOperator operator) {
        Map<Integer, Double> others = rounds(section, subject, other, metric);
        List<Double> results = new ArrayList<>();
        rounds(section, subject, server, metric).forEach((round, value) -> {
            Double beside = others.get(round);
            if (beside != null) {
                results.add(operator.applyAsDouble(value, beside));
            }
        });
        return array(results);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static Optional<Estimate> estimate(double[] values) {
        return values.length == 0 ? Optional.empty() : Optional.of(Estimate.of(values));
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        about.forEach((name, text) -> lines.add(Tables.format(ABOUT_LINE, name, text)));
        for (Datum d : all) {
            lines.add(String.join(
                    ",",
                    d.section().name().toLowerCase(Locale.ROOT),
                    d.subject(),
                    d.server(),
                    Integer.toString(d.round()),
                    d.metric(),
                    Double.toString(d.value())));
        }
        Files.write(file, lines);
    }

    static Data read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw new IOException(file + " is not a file of measurements");
        }
        Data data = new Data();
        for (String line : lines.subList(1, lines.size())) {
            // The last field may be a text with commas in it.
            String[] fields = line.split(",", FIELDS);
            if (fields.length != FIELDS) {
                throw new IOException(file + " has a line that is no measurement: " + line);
            }
            if (fields[0].equals(ABOUT)) {
                data.about(fields[1], fields[5]);
                continue;
            }
            data.add(
                    Section.valueOf(fields[0].toUpperCase(Locale.ROOT)),
                    fields[1],
                    fields[2],
                    Integer.parseInt(fields[3]),
                    fields[4],
                    Double.parseDouble(fields[5]));
        }
        return data;
    }
}
