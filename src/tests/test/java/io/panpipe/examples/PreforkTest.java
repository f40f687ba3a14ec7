/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link Prefork} as a process with worker processes, and kills some of them. */
@EnabledOnOs(OS.LINUX)
@Tag("slow")
class PreforkTest {

    private static final int WORKERS = 2;
    private static final Duration TIMEOUT = Patience.seconds(60);

    @TempDir
    static Path place;

    /** Goes on behind a test that does not end it, and serves the next. */
    private static Program parent;
    private static Path directory;
    private static URI address;

    @BeforeEach
    void start() throws IOException {
        if (parent != null && parent.process().isAlive()) {
            return;
        }
        directory = Files.createTempDirectory(place, "run");
        ProcessBuilder builder = new ProcessBuilder(Program.java(Prefork.class, "0", Integer.toString(WORKERS)));
        // Where the parent's pipe is, so that a test can tell whether anything stays.
        builder.environment().put("XDG_RUNTIME_DIR", directory.toString());
        parent = new Program(builder);
        address = URI.create(parent.firstLine());
    }

    @AfterAll
    static void end() {
        parent.close();
    }

    private Set<Long> workers() {
        Set<Long> pids = new HashSet<>();
        parent.process().children().forEach(child -> pids.add(child.pid()));
        return pids;
    }

    /** Asks on a connection of its own, and returns who answered. */
    private long ask() throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout((int) TIMEOUT.toMillis());
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".getBytes());
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (answer.isEmpty()) {
                throw new IOException("no answer");
            }
            assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
            return Long.parseLong(answer.substring(answer.lastIndexOf(' ') + 1).strip());
        }
    }

    private void awaitAnswerOf(Set<Long> some) {
        parent.await(() -> {
            try {
                return some.contains(ask());
            } catch (IOException broken) {
                throw new AssertionError(parent.toString(), broken);
            }
        }, "an answer of one of " + some);
    }

    @Test
    void everyWorkerAnswers() {
        parent.await(() -> workers().size() == WORKERS, "all workers");
        for (long worker : workers()) {
            awaitAnswerOf(Set.of(worker));
        }
    }

    @Test
    void anHttpClientIsServed() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 10; i++) {
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertEquals(200, response.statusCode());
                assertTrue(response.body().matches("worker [0-9]+\n"), response.body());
            }
        }
    }

    @Test
    void killedWorkersAreReplacedWhileRequestsGoOn() throws Exception {
        parent.await(() -> workers().size() == WORKERS, "all workers");
        Set<Long> killed = new HashSet<>();
        try (Requests requests = new Requests()) {
            for (long worker : workers()) {
                awaitAnswerOf(Set.of(worker));
                assertTrue(ProcessHandle.of(worker).orElseThrow().destroyForcibly());
                killed.add(worker);
                parent.await(() -> workers().size() == WORKERS && !workers().contains(worker), "a new worker");
                requests.awaitMore();
            }
            // All of the first ones are gone, so that the new ones answer.
            Set<Long> replacements = workers();
            assertEquals(WORKERS, replacements.size());
            assertTrue(replacements.stream().noneMatch(killed::contains));
            awaitAnswerOf(replacements);
            requests.awaitMore();
            assertTrue(requests.retries.get() <= killed.size(), "each killed worker had one request at most");
        }
    }

    /** Asks without pause. The request that a killed worker had is lost with it, as anywhere; a connection never is. */
    private final class Requests implements AutoCloseable {

        final AtomicInteger answers = new AtomicInteger();
        final AtomicInteger retries = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread = Thread.ofPlatform().daemon().start(this::run);
        private volatile boolean stopped;

        private void run() {
            try {
                while (!stopped) {
                    askOnce();
                }
            } catch (Throwable thrown) {
                failure.set(thrown);
            }
        }

        private void askOnce() throws IOException {
            try {
                ask();
                answers.incrementAndGet();
            } catch (ConnectException refused) {
                throw refused;
            } catch (IOException broken) {
                retries.incrementAndGet();
            }
        }

        void awaitMore() {
            int before = answers.get();
            parent.await(() -> answers.get() > before + 20 || failure.get() != null, "more answers");
        }

        @Override
        public void close() {
            stopped = true;
            parent.await(() -> !thread.isAlive(), "the end of the requests");
            if (failure.get() != null) {
                throw new AssertionError(parent.toString(), failure.get());
            }
        }
    }

    @Test
    void sigtermEndsAllAndLeavesNothing() throws Exception {
        awaitAnswerOf(workers());
        List<ProcessHandle> processes = parent.process().children().toList();
        assertFalse(isEmpty(directory), "the pipe is here");
        assertEquals(128 + 15, parent.terminate());
        assertEquals("", parent.error());
        for (ProcessHandle worker : processes) {
            assertFalse(worker.isAlive(), "the parent waits for its workers");
        }
        assertTrue(isEmpty(directory), "the socket file is gone");
        assertThrows(ConnectException.class, this::ask);
    }

    @Test
    void workersEndWithAParentThatIsKilled() throws Exception {
        awaitAnswerOf(workers());
        List<ProcessHandle> processes = parent.process().children().toList();
        parent.process().destroyForcibly();
        parent.exitCode();
        parent.await(() -> processes.stream().noneMatch(ProcessHandle::isAlive), "the end of all workers");
        assertThrows(ConnectException.class, this::ask);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }
}
