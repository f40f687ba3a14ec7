/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * How long small programs take from the start of their JVM to the byte that they print when their work is done: cold,
 * and with an AOT cache made by a run of the same program.
 */
final class StartUp {

    /** The only one that the smoke run makes a cache for: a cache takes as long as everything else that is started. */
    private static final String OWN = "PanpipeEcho";

    /** As the programs' classes are called; they print one line when the first byte has come back. */
    static final List<String> PROGRAMS =
            List.of("Empty", "LinkOne", OWN, "NioEcho", "NettyEcho", "JunixsocketEcho", "JnrEcho");

    static final String SUBJECT = "start";

    private static final String PACKAGE = "io.panpipe.bench.startup.";
    private static final List<String> JVM_OPTIONS = List.of(
            "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    /** The first with a cache from a single training run (JEP 514). */
    private static final int FIRST_WITH_CACHE = 25;

    private final Environment environment;
    private final Plan plan;
    private final Data data;

    StartUp(Environment environment, Plan plan, Data data) {
        this.environment = environment;
        this.plan = plan;
        this.data = data;
    }

    /** How many seconds it will take: a program takes a fifth of one, and a cache ten times as long. */
    static double expected(Plan plan) {
        return PROGRAMS.size() * (0.2 * 2 * plan.startRounds() + 2);
    }

    void run() throws IOException, InterruptedException {
        List<Path> made = new ArrayList<>();
        try {
            String classPath = jars(made);
            boolean cached = Runtime.version().feature() >= FIRST_WITH_CACHE;
            Map<String, Path> caches = new HashMap<>();
            for (String program : PROGRAMS) {
                if (!plan.smoke()) {
                    // Reads the files of the JVM and the jars into memory.
                    time(program, classPath, List.of());
                }
                if (cached && (!plan.smoke() || program.equals(OWN))) {
                    Path cache = environment.freshPath();
                    made.add(cache);
                    time(program, classPath, List.of("-Xlog:disable", "-XX:AOTCacheOutput=" + cache));
                    caches.put(program, cache);
                }
            }
            for (int round = 0; round < plan.startRounds(); round++) {
                round(round, classPath, caches);
            }
        } finally {
            for (Path file : made) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void round(int round, String classPath, Map<String, Path> caches) throws IOException, InterruptedException {
        for (int i = 0; i < PROGRAMS.size(); i++) {
            String program = PROGRAMS.get((round + i) % PROGRAMS.size());
            data.add(Section.STARTUP, SUBJECT, program, round, Metric.COLD, time(program, classPath, List.of()));
            Path cache = caches.get(program);
            if (cache != null) {
                // Whatever the cache is unfit for is an error, not a slow start.
                double ms = time(program, classPath, List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on"));
                data.add(Section.STARTUP, SUBJECT, program, round, Metric.CACHED, ms);
            }
        }
    }

    private double time(String program, String classPath, List<String> options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(environment.program("stopwatch"));
        command.addAll(Environment.plainJava());
        command.addAll(JVM_OPTIONS);
        command.addAll(options);
        Path socket = environment.freshPath();
        command.addAll(List.of("-cp", classPath, PACKAGE + program, socket.toString()));
        Path errors = environment.freshPath();
        Process process = new ProcessBuilder(environment.anywhere(command))
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader output = process.inputReader()) {
            String line = output.readLine();
            if (process.waitFor() != 0 || line == null) {
                throw new IOException(program + " failed: " + Files.readString(errors));
            }
            return Double.parseDouble(line.substring(line.indexOf('=') + 1, line.indexOf(' ')));
        } finally {
            Files.deleteIfExists(errors);
            Files.deleteIfExists(socket);
        }
    }

    /** The class path with a jar in place of each directory: an AOT cache has classes of jars only. */
    private String jars(List<Path> made) throws IOException {
        List<String> parts = new ArrayList<>();
        for (String part : Environment.classPath().split(":")) {
            Path path = Path.of(part);
            if (Files.isDirectory(path)) {
                Path jar = Path.of(environment.freshPath() + ".jar");
                made.add(jar);
                pack(path, jar);
                parts.add(jar.toString());
            } else if (Files.exists(path)) {
                parts.add(part);
            }
        }
        return String.join(":", parts);
    }

    private static void pack(Path directory, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> files = Files.walk(directory)) {
            files.filter(Files::isRegularFile).sorted().forEach(each -> {
                try {
                    out.putNextEntry(new JarEntry(directory.relativize(each).toString()));
                    Files.copy(each, out);
                    out.closeEntry();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
