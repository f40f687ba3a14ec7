/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What JMH measures inside of one process, with the bytes that each operation allocates. Each round is a run of JMH with a
 * JVM of its own for each benchmark and each library: what differs from JVM to JVM, such as what its compiler has made of
 * the code, is in the interval, and ratios are taken within a round.
 */
final class JmhRun {

    /** The parameters of the benchmarks that say whose code is measured. */
    private static final List<String> WHOSE = List.of("library", "loop");
    /** For a benchmark without such a parameter. */
    private static final String NOBODY = "-";

    private static final String MEDIAN = ":p0.50";
    /** What JMH's gc profiler calls the bytes allocated in an operation. */
    private static final String ALLOCATED = ":gc.alloc.rate.norm";

    /** About so many pairs of a benchmark and a library. */
    private static final int BENCHMARKS = 24;

    private static final String NAME = "Benchmark";
    private static final String SCORE = "Score";
    private static final String UNIT = "Unit";
    private static final String PARAMETER = "Param: ";

    private final Environment environment;
    private final Plan plan;
    private final Data data;

    JmhRun(Environment environment, Plan plan, Data data) {
        this.environment = environment;
        this.plan = plan;
        this.data = data;
    }

    /** How many seconds it will take, guessed. */
    static double expected(Plan plan) {
        return plan.jmhRounds() * plan.jmhSeconds() * BENCHMARKS;
    }

    void run() throws IOException, InterruptedException {
        for (int round = 0; round < plan.jmhRounds(); round++) {
            run(round);
        }
    }

    private void run(int round) throws IOException, InterruptedException {
        Path results = environment.freshPath();
        Path log = environment.freshPath();
        List<String> command = new ArrayList<>(environment.java());
        command.add("org.openjdk.jmh.Main");
        command.addAll(List.of("-rf", "csv", "-rff", results.toString(), "-prof", "gc", "-foe", "true"));
        command.addAll(plan.jmh());
        int status = new ProcessBuilder(environment.anywhere(command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("JMH ended with " + status + ":\n" + Files.readString(log));
        }
        read(Files.readAllLines(results), round, data);
    }

    /** Reads the file that JMH writes. */
    static void read(List<String> lines, int round, Data data) {
        List<String> header = fields(lines.get(0));
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = fields(line);
            String name = fields.get(header.indexOf(NAME));
            int colon = name.indexOf(':');
            String subject = subject(colon < 0 ? name : name.substring(0, colon), header, fields);
            String server = server(header, fields);
            double score = Double.parseDouble(fields.get(header.indexOf(SCORE)));
            if (colon < 0) {
                String unit = fields.get(header.indexOf(UNIT));
                data.add(Section.JMH, subject, server, round, unit, score);
            } else if (name.endsWith(ALLOCATED)) {
                data.add(Section.JMH, subject, server, round, Metric.BYTES, score);
            } else if (name.endsWith(MEDIAN)) {
                data.add(Section.JMH, subject, server, round, Metric.MEDIAN_NANOS, score);
            }
        }
    }

    /** Class and method without the package, and parameters. */
    private static String subject(String name, List<String> header, List<String> fields) {
        int method = name.lastIndexOf('.');
        int type = name.lastIndexOf('.', method - 1);
        StringBuilder subject = new StringBuilder(name.substring(type + 1));
        for (int i = 0; i < fields.size(); i++) {
            String parameter = parameter(header.get(i));
            if (!parameter.isEmpty() && !WHOSE.contains(parameter) && !fields.get(i).isEmpty()) {
                subject.append(' ').append(parameter).append('=').append(fields.get(i));
            }
        }
        return subject.toString();
    }

    private static String server(List<String> header, List<String> fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (WHOSE.contains(parameter(header.get(i))) && !fields.get(i).isEmpty()) {
                return fields.get(i);
            }
        }
        return NOBODY;
    }

    /** The name of the parameter in a column, or nothing. */
    private static String parameter(String column) {
        return column.startsWith(PARAMETER) ? column.substring(PARAMETER.length()) : "";
    }

    /** JMH quotes texts, none of which has a quotation mark in it, and leaves numbers as they are. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (char c : line.toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
