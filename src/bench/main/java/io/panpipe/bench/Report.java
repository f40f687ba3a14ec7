/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Writes the results: the numbers, the chart, and the tables between two marks of {@code performance.md}. */
final class Report {

    static final String BEGIN = "<!-- Results: written by the benchmarks, from here -->";
    static final String END = "<!-- to here. -->";

    private static final String CSV = "performance.csv";
    private static final String SVG = "performance.svg";
    private static final String PAGE = "performance.md";

    private Report() {}

    /**
     * Writes all files. What is in the directory of works that were not measured now stays there.
     *
     * @param newer what was measured now
     * @param command how it was asked for
     * @param directory where the files go
     */
    static void write(Data newer, String command, Path directory) throws IOException {
        Files.createDirectories(directory);
        Path csv = directory.resolve(CSV);
        Data data = newer;
        if (Files.exists(csv)) {
            data = Data.read(csv);
            data.replaceBy(newer);
        }
        data.write(csv);
        if (data.has(Section.WORKS)) {
            Files.writeString(directory.resolve(SVG), Chart.of(data));
        }
        Path page = directory.resolve(PAGE);
        String text = Files.exists(page) ? Files.readString(page) : BEGIN + "\n" + END + "\n";
        Files.writeString(page, between(text, results(data, command)));
    }

    /** The page with other results. */
    static String between(String page, String results) throws IOException {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException("performance.md has no place for results");
        }
        return page.substring(0, begin + BEGIN.length()) + "\n\n" + results + "\n" + page.substring(end);
    }

    private static String results(Data data, String command) throws IOException {
        List<String> parts = new ArrayList<>();
        parts.add("Measured on " + machine() + ", " + LocalDate.now() + ", last by\n\n    " + command + "\n");
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

    private static String machine() throws IOException {
        String processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        return Tables.format(
                "%d × %s, Linux %s, Java %s",
                Runtime.getRuntime().availableProcessors(),
                processor,
                System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1"),
                Runtime.version());
    }
}
