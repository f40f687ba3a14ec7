/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out what is measured, on what: from what runs, not from what a build file says. */
final class Versions {

    /** What the report calls a library, and its jar. */
    private static final Map<String, String> JARS = jars();

    private static final Pattern KERNEL = Pattern.compile("^\\d+(\\.\\d+)*");

    private Versions() {}

    private static Map<String, String> jars() {
        Map<String, String> jars = new LinkedHashMap<>();
        jars.put("Netty", "netty-transport");
        jars.put("junixsocket", "junixsocket-common");
        jars.put("jnr-unixsocket", "jnr-unixsocket");
        jars.put("JMH", "jmh-core");
        return jars;
    }

    /** The names that {@link #record} records, in their order. */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of("Linux", "Java", "gcc", "libuv"));
        names.addAll(JARS.keySet());
        return names;
    }

    /** Adds all versions, and the processors, to what is known of the run. */
    static void record(Environment environment, Data data) throws IOException, InterruptedException {
        data.about("processors", Runtime.getRuntime().availableProcessors() + " × " + processor());
        data.about("Linux", found(KERNEL, System.getProperty("os.version"), 0));
        data.about("Java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        data.about("gcc", output("gcc", "--version").get(0));
        // The program asks the library that it is linked with.
        data.about("libuv", output(environment.program("libuv"), "--version").get(0));
        for (Map.Entry<String, String> jar : JARS.entrySet()) {
            String name = Pattern.quote(jar.getValue()) + "-(\\d[^/]*?)\\.jar(?=:|$)";
            data.about(jar.getKey(), found(Pattern.compile("(?<=/|:|^)" + name), Environment.classPath(), 1));
        }
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    private static String found(Pattern pattern, String text, int group) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no version: " + pattern + " is not in " + text);
        }
        return matcher.group(group);
    }

    private static List<String> output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader reader = process.inputReader()) {
            List<String> lines = reader.lines().toList();
            if (process.waitFor() != 0 || lines.isEmpty()) {
                throw new IOException(String.join(" ", command) + " failed: " + lines);
            }
            return lines;
        }
    }
}
