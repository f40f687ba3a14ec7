/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of this machine, and scripts of these tests. */
final class Programs {

    private Programs() {}

    /** Returns a program's path; skips the test where there is none. */
    static String required(String name) {
        Optional<Path> found = find(name);
        assumeTrue(found.isPresent(), name + " is not installed");
        return found.orElseThrow().toString();
    }

    static Optional<Path> find(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Copies a script from the resources to where a program can read it. */
    static Path script(String name, Path directory) throws IOException {
        Path copy = directory.resolve(name);
        if (Files.notExists(copy)) {
            try (InputStream in = Programs.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IOException("no such resource: " + name);
                }
                Files.copy(in, copy);
            }
        }
        return copy;
    }

    /** Runs a program to its end and returns what it prints; fails where it fails. */
    static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = awaitEnd(process);
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + status + ": " + output);
        }
        return output;
    }

    static int awaitEnd(Process process) {
        Deadline.await("the end of " + process.info(), () -> !process.isAlive());
        return process.exitValue();
    }

    /** Ends a process and all it has started, at once. */
    static void kill(Process process) {
        // Listed before anything dies: nothing tells whose children orphans were.
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
