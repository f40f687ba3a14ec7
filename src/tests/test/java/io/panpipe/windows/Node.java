/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A node.exe, and so a libuv, at the other end of a pipe. */
final class Node implements AutoCloseable {

    private static final Duration PATIENCE = Patience.minutes(2);
    private static final int POLL_MILLIS = 20;

    private final Process process;
    private final Path input;
    private final Path output;

    /** Starts {@code node_pipe.js}; skips the test where this version of node is not there. */
    Node(int version, Path directory, String role, String task, String name, long bytes) throws IOException {
        String node = System.getProperty("panpipe.node" + version);
        assumeTrue(node != null, () -> "no property panpipe.node" + version);
        Path script = directory.resolve("node_pipe.js");
        try (InputStream source = Node.class.getResourceAsStream("node_pipe.js")) {
            Files.write(script, Objects.requireNonNull(source).readAllBytes());
        }
        input = Files.createTempFile(directory, "node", ".in");
        output = Files.createTempFile(directory, "node", ".out");
        process = new ProcessBuilder(
                        node, "--expose-internals", "--no-warnings", script.toString(), role, task, name,
                        Long.toString(bytes))
                .redirectErrorStream(true)
                // Files, because under Wine node cannot write to what Java calls a pipe.
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .start();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end and returns what it has said. */
    List<String> said() throws Exception {
        assertTrue(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS),
                () -> "node has not ended; it said " + soFar());
        return soFar();
    }

    private List<String> soFar() {
        try {
            return Files.readAllLines(output);
        } catch (IOException unreadable) {
            return List.of(unreadable.toString());
        }
    }

    /** Waits until it has said a word. */
    void awaitWord(String word) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!soFar().contains(word)) {
            assertTrue(System.nanoTime() < deadline && process.isAlive(), () -> "node only said " + soFar());
            // It ends when the condition holds; nothing tells of a file that grows.
            process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Ends it without any farewell. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
        process.onExit().orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
        // Its files are still its own for a moment, and their directory is to be deleted.
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isDeleted(output) || !isDeleted(input)) {
            assertTrue(System.nanoTime() < deadline, "an ended node keeps its files");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    private static boolean isDeleted(Path file) {
        try {
            Files.deleteIfExists(file);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
