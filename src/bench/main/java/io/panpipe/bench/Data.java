/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** All that was measured, in memory and as a file of comma-separated values with one number a line. */
final class Data {

    private static final String HEADER = "section,subject,server,round,metric,value";
    private static final int FIELDS = 6;

    private final List<Datum> all = new ArrayList<>();

    void add(Section section, String subject, String server, int round, String metric, double value) {
        all.add(new Datum(section, subject, server, round, metric, value));
    }

    /** Forgets what a server has done, of which the rest is missing. */
    void remove(Section section, String subject, String server) {
        all.removeIf(d -> d.section() == section && d.subject().equals(subject) && d.server().equals(server));
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

    /** The measurements of one metric, by rounds; empty if there are none. */
    double[] values(Section section, String subject, String server, String metric) {
        return all.stream()
                .filter(d -> d.section() == section && d.subject().equals(subject))
                .filter(d -> d.server().equals(server) && d.metric().equals(metric))
                .sorted(Comparator.comparingInt(Datum::round))
                .mapToDouble(Datum::value)
                .toArray();
    }

    Optional<Estimate> estimate(Section section, String subject, String server, String metric) {
        double[] values = values(section, subject, server, metric);
        return values.length == 0 ? Optional.empty() : Optional.of(Estimate.of(values));
    }

    /** One server's measurements over another's, round by round. */
    Optional<Estimate> ratio(Section section, String subject, String server, String other, String metric) {
        double[] values = values(section, subject, server, metric);
        double[] others = values(section, subject, other, metric);
        return values.length == 0 || others.length == 0
                ? Optional.empty()
                : Optional.of(Estimate.ofRatios(values, others));
    }

    /** Puts what another run measured in place of what this one has of the same subjects. */
    void replaceBy(Data newer) {
        for (Section section : Section.values()) {
            List<String> subjects = newer.subjects(section);
            all.removeIf(d -> d.section() == section && subjects.contains(d.subject()));
        }
        all.addAll(newer.all);
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
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
            String[] fields = line.split(",", -1);
            if (fields.length != FIELDS) {
                throw new IOException(file + " has a line that is no measurement: " + line);
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
