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
import java.util.stream.Stream;

/** Where programs are, on which processors they run, and a directory for sockets that is gone afterwards. */
final class Environment implements AutoCloseable {

    /** The same for every JVM that serves. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private static final int SERVER_CPU = 0;
    private static final int LOAD_CPU = 1;

    private final Path programs;
    private final boolean realtime;
    private final boolean pinned;
    private final Path directory;
    private int names;

    /**
     * Looks for the programs.
     *
     * @param programs their directory
     * @param realtime schedule what is measured before all else
     * @param pinned servers on one processor and load on the other, where there are two
     */
    Environment(Path programs, boolean realtime, boolean pinned) throws IOException {
        this.programs = programs;
        this.realtime = realtime;
        this.pinned = pinned && Runtime.getRuntime().availableProcessors() > 1;
        this.directory = Files.createTempDirectory("bench");
        for (String program : List.of("floor", "libuv", "load", "stopwatch")) {
            if (!Files.isExecutable(programs.resolve(program))) {
                throw new IOException("there is no " + programs.resolve(program) + ": see src/bench/c/build");
            }
        }
    }

    String program(String name) {
        return programs.resolve(name).toAbsolutePath().toString();
    }

    /** The command that starts this JVM's java with the options of all servers. */
    List<String> java() {
        List<String> command = new ArrayList<>(plainJava());
        command.addAll(JVM_OPTIONS);
        command.add("-cp");
        command.add(classPath());
        return command;
    }

    static List<String> plainJava() {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }

    List<String> onServerCpu(List<String> command) {
        return placed(SERVER_CPU, command);
    }

    List<String> onLoadCpu(List<String> command) {
        return placed(LOAD_CPU, command);
    }

    private List<String> placed(int cpu, List<String> command) {
        List<String> placed = new ArrayList<>();
        if (pinned) {
            placed.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
        }
        placed.addAll(command);
        return anywhere(placed);
    }

    /** For programs that may use all processors. */
    List<String> anywhere(List<String> command) {
        if (!realtime) {
            return command;
        }
        List<String> first = new ArrayList<>(List.of("chrt", "-r", "1"));
        first.addAll(command);
        return first;
    }

    /** A path that nothing is at. */
    Path freshPath() {
        return directory.resolve(Integer.toString(names++));
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
