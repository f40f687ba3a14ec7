/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.testbed.Patience;
import io.panpipe.testbed.Python;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs that nobody here wrote, and the C program and the script of these tests. */
final class Programs {

    /** Long enough for a loaded machine: reached only where something hangs. */
    private static final Duration PATIENCE = Patience.minutes(2);

    private static Path handles;

    private Programs() {}

    /** Returns a program's path; skips the test where there is none. */
    static String required(String name) {
        Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name)).filter(Files::isExecutable).findFirst();
        assumeTrue(found.isPresent(), name + " is not installed");
        return found.orElseThrow().toString();
    }

    /** Returns the C program of these tests, compiled once for all of them. */
    static synchronized Path handles() throws Exception {
        String gcc = required("gcc");
        if (handles == null) {
            Path directory = Files.createTempDirectory("panpipe-handles");
            Path program = directory.resolve("handles");
            directory.toFile().deleteOnExit();
            program.toFile().deleteOnExit();
            Path source = Path.of("src/tests/native/handles.c");
            output(gcc, "-Wall", "-Wextra", "-Werror", "-O1", "-o", program.toString(), source.toString());
            handles = program;
        }
        return handles;
    }

    /** Prepares Python with the script of these tests. */
    static List<String> python(Path directory, String role, String name) throws Exception {
        Path script = directory.resolve("passing.py");
        try (InputStream in = Programs.class.getResourceAsStream("passing.py")) {
            Files.copy(in, script);
        }
        return List.of(Python.interpreter(), script.toString(), role, name);
    }

    /** Runs a program to its end and returns what it prints; fails where it fails. */
    static String output(String... command) throws Exception {
        Running running = start(List.of(command));
        return running.output();
    }

    /** Starts a program. */
    static Running start(List<String> command) throws IOException {
        return new Running(new ProcessBuilder(command));
    }

    /** A program that runs; what it prints, on standard output and error alike, is read meanwhile. */
    static final class Running implements ForeignContract.Program, AutoCloseable {
        private final Process process;
        private final Thread reader;
        private final List<String> lines = new ArrayList<>();

        Running(ProcessBuilder builder) throws IOException {
            process = Patience.handOn(builder).redirectErrorStream(true).start();
            process.getOutputStream().close();
            reader = Thread.ofPlatform().daemon().name("output of " + builder.command().getFirst()).start(this::read);
        }

        private void read() {
            try (var in = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    synchronized (lines) {
                        lines.add(line);
                    }
                }
            } catch (IOException killed) {
                // There is no more.
            }
        }

        long pid() {
            return process.pid();
        }

        @Override
        public boolean isAlive() {
            return process.isAlive();
        }

        @Override
        public String output() throws InterruptedException {
            boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            reader.join();
            String text = text();
            assertEquals(0, ended ? process.exitValue() : -1, () -> "exit status; output: " + text);
            return text;
        }

        @Override
        public String text() {
            synchronized (lines) {
                return String.join("\n", lines);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
