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
import java.util.Map;

/**
 * The files of the results: the numbers, and what is made of them alone, the chart and the page. So the page can be
 * made again from the numbers at any time, and held against them.
 */
final class Report {

    /** What the run was: {@link #WHOLE}, or what of it was left out. */
    static final String RUN = "run";

    static final String WHOLE = "whole";
    static final String COMMAND = "command";
    static final String DATE = "date";
    static final String MINUTES = "minutes";
    /** A remark for the reader, if there is one. */
    static final String NOTE = "note";

    static final Page.Part RESULTS = Page.Part.of("Results");
    static final Page.Part BEHIND = Page.Part.of("Rows in which Panpipe is not first");

    private static final String CSV = "performance.csv";
    private static final String SVG = "performance.svg";
    private static final String PAGE = "performance.md";

    private Report() {}

    /** Writes all files; of a page that is there, only what is between marks. */
    static void write(Data data, Path directory) throws IOException {
        Files.createDirectories(directory);
        data.write(directory.resolve(CSV));
        for (Map.Entry<Path, String> file : made(data, directory).entrySet()) {
            Files.writeString(file.getKey(), file.getValue());
        }
    }

    /** Writes the chart and the page anew from the numbers that are in the directory. */
    static void rewrite(Path directory) throws IOException {
        Data data = Data.read(directory.resolve(CSV));
        for (Map.Entry<Path, String> file : made(data, directory).entrySet()) {
            Files.writeString(file.getKey(), file.getValue());
        }
    }

    /** What the numbers in the directory do not say: the files that {@link #rewrite} would change, and where. */
    static List<String> differences(Path directory) throws IOException {
        List<String> differences = new ArrayList<>();
        Data data = Data.read(directory.resolve(CSV));
        for (Map.Entry<Path, String> file : made(data, directory).entrySet()) {
            List<String> is = Files.readString(file.getKey()).lines().toList();
            List<String> should = file.getValue().lines().toList();
            for (int i = 0; i < Math.max(is.size(), should.size()); i++) {
                String found = i < is.size() ? is.get(i) : "(the end)";
                String expected = i < should.size() ? should.get(i) : "(the end)";
                if (!found.equals(expected)) {
                    differences.add(file.getKey() + ":" + (i + 1) + ": " + found + "\n  should be: " + expected);
                    break;
                }
            }
        }
        return differences;
    }

    private static Map<Path, String> made(Data data, Path directory) throws IOException {
        Map<Path, String> files = new LinkedHashMap<>();
        if (data.has(Section.WORKS)) {
            files.put(directory.resolve(SVG), Chart.of(data));
        }
        Path file = directory.resolve(PAGE);
        String page = Files.exists(file) ? Files.readString(file) : blank();
        files.put(file, page(page, data));
        return files;
    }

    private static String blank() {
        return String.join("\n", RESULTS.begin(), RESULTS.end(), "", BEHIND.begin(), BEHIND.end(), "");
    }

    /** The page with what these measurements say. */
    static String page(String page, Data data) throws IOException {
        String with = Page.withNumbers(RESULTS.replace(page, results(data)), data);
        return BEHIND.replace(with, Behind.of(data, with));
    }

    private static String results(Data data) {
        List<String> parts = new ArrayList<>();
        parts.add(about(data));
        parts.add(Tables.versions(data));
        parts.add("### Goals\n\n" + Tables.goals(data));
        if (data.has(Section.WORKS)) {
            parts.add("![Processor time of each server](" + SVG + ")\n");
            for (Work work : Work.ALL) {
                if (data.subjects(Section.WORKS).contains(work.name())) {
                    parts.add("### " + Tables.title(work) + "\n\n" + Tables.work(data, work));
                }
            }
        }
        if (data.has(Section.MEMORY)) {
            parts.add("### Memory of an idle connection, of 10,000\n\n" + Tables.memory(data));
        }
        if (data.has(Section.STARTUP)) {
            parts.add("### From the start of the JVM to the first echo\n\n" + Tables.startUp(data));
        }
        if (data.has(Section.JMH)) {
            parts.add("### Inside of a process\n\n" + Tables.jmh(data));
        }
        return String.join("\n", parts);
    }

    private static String about(Data data) {
        StringBuilder text = new StringBuilder();
        String run = data.about(RUN).orElse("not recorded");
        text.append(run.equals(WHOLE) ? "One run of the whole" : "**Part of a run**, " + run);
        data.about("processors").ifPresent(processors -> text.append(", on ").append(processors));
        data.about(DATE).ifPresent(date -> text.append(", ").append(date));
        data.about(MINUTES).ifPresent(minutes -> text.append(", in ").append(minutes).append(" minutes"));
        data.about(COMMAND).ifPresent(command -> text.append(", by\n\n    ").append(command));
        text.append(data.about(COMMAND).isPresent() ? "\n" : ".\n");
        data.about(NOTE).ifPresent(note -> text.append('\n').append(note).append('\n'));
        return text.toString();
    }
}
