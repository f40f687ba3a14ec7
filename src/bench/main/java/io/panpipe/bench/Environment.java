/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import io.panpipe.Loop;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

    /** The jar of another Panpipe, of which the same servers are made as panpipe-before; empty if there is none. */
    private static Optional<Path> before() {
        String jar = System.getProperty("panpipe.bench.before", "");
        return jar.isEmpty() ? Optional.empty() : Optional.of(Path.of(jar).toAbsolutePath());
    }

    /** What has a JVM take the other Panpipe in the place of this one, if there is another. */
    static Optional<List<String>> beforeOptions() {
        return before().map(jar -> List.of("-cp", classPathWith(jar)));
    }

    /** The last class path on the command line is the one that counts. */
    private static String classPathWith(Path jar) {
        if (!Files.isReadable(jar)) {
            throw new IllegalArgumentException("there is no " + jar);
        }
        Path own = placeOf(Loop.class);
        List<String> entries = new ArrayList<>();
        for (String entry : classPath().split(File.pathSeparator)) {
            entries.add(Path.of(entry).toAbsolutePath().equals(own) ? jar.toString() : entry);
        }
        if (!entries.contains(jar.toString())) {
            throw new IllegalStateException(own + " is not on the class path");
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> onServerCpu(List<String> command) {
        return placed(Integer.toString(SERVER_CPU), command);
    }

    List<String> onLoadCpu(List<String> command) {
        return onLoadCpu(1, command);
    }

    /** For a load of one thread or several: beside the server's processor, on as many others as there are. */
    List<String> onLoadCpu(int threads, List<String> command) {
        int last = Math.min(LOAD_CPU + threads, Runtime.getRuntime().availableProcessors()) - 1;
        return placed(LOAD_CPU + "-" + last, command);
    }

    private List<String> placed(String cpus, List<String> command) {
        List<String> placed = new ArrayList<>();
        if (pinned) {
            placed.addAll(List.of("taskset", "-c", cpus));
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
