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

/** What JMH measures inside of one process, with the bytes that each operation allocates. */
final class JmhRun {

    static final String NANOS = "ns/op";
    /** Of what is measured one by one, such as a wake-up: half of them took less. */
    static final String MEDIAN_NANOS = "median " + NANOS;

    /** The parameters of the benchmarks that say whose code is measured. */
    private static final List<String> WHOSE = List.of("library", "loop");
    /** For a benchmark without such a parameter. */
    private static final String NOBODY = "-";

    private static final String MEDIAN = ":p0.50";
    /** What JMH's gc profiler calls the bytes allocated in an operation. */
    private static final String ALLOCATED = ":gc.alloc.rate.norm";

    static final String BYTES = "B/op";
    /** Before the unit of a score in the name of its error. */
    static final String ERROR = "± ";

    private static final String NAME = "Benchmark";
    private static final String SCORE = "Score";
    private static final String SCORE_ERROR = "Score Error (99.9%)";
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

    void run() throws IOException, InterruptedException {
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
        read(Files.readAllLines(results), data);
    }

    /** Reads the file that JMH writes. */
    static void read(List<String> lines, Data data) {
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
                double error = Double.parseDouble(fields.get(header.indexOf(SCORE_ERROR)));
                data.add(Section.JMH, subject, server, 0, unit, score);
                data.add(Section.JMH, subject, server, 0, ERROR + unit, error);
            } else if (name.endsWith(ALLOCATED)) {
                data.add(Section.JMH, subject, server, 0, BYTES, score);
            } else if (name.endsWith(MEDIAN)) {
                data.add(Section.JMH, subject, server, 0, MEDIAN_NANOS, score);
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
