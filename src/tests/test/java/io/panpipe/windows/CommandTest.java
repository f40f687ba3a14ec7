/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.cli.Panpipe;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The panpipe command on Windows, where pipes have no half-close; what all systems share is tested on Unix. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
class CommandTest {

    @TempDir
    private Path directory;

    private final String name = "panpipe-test-" + UUID.randomUUID();

    private ChildJvm panpipe(String input, String... arguments) throws IOException {
        return panpipe(input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    private ChildJvm panpipe(byte[] input, String... arguments) throws IOException {
        return ChildJvm.start(directory, input, Panpipe.class, arguments);
    }

    /** Starts a server, and waits until it listens. */
    private ChildJvm server(byte[] input, String... arguments) throws IOException {
        ChildJvm server = panpipe(input, arguments);
        server.awaitError("panpipe: listening on \\\\.\\pipe\\panpipe-test-");
        return server;
    }

    private ChildJvm echo() throws IOException {
        return server(new byte[0], "listen", name, "--echo", "-v");
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    @Test
    void carriesAMegabyteBothWaysAndEndsAlthoughNoInputHasAHalfClose() throws Exception {
        byte[] down = random(1_000_000);
        byte[] up = random(1_500_000);
        try (ChildJvm server = server(down, "listen", name, "--linger", "1h", "-v");
                ChildJvm client = panpipe(up, "connect", name, "--linger", "5s")) {
            assertEquals(0, client.exitCode(), client::error);
            assertEquals(0, server.exitCode(), server::error);
            assertArrayEquals(down, client.bytes());
            assertArrayEquals(up, server.bytes());
            assertEquals("", client.error());
        }
    }

    @Test
    void aClientReceivesTheWholeAnswerAfterItsInputHasEnded() throws Exception {
        byte[] data = random(1_000_000);
        try (ChildJvm server = echo();
                ChildJvm client = panpipe(data, "connect", "\\\\.\\pipe\\" + name, "--linger", "5s")) {
            assertEquals(0, client.exitCode(), client::error);
            assertArrayEquals(data, client.bytes());
            server.awaitError("connection 1: closed");
        }
    }

    @Test
    void aClientWithNothingToSendWaitsForTheEnd() throws Exception {
        // Longer than the default of --linger, which is not meant for this.
        String command = "ping -n 3 127.0.0.1 > NUL & echo served";
        try (ChildJvm server = server(new byte[0], "listen", name, "--exec", command, "-v");
                ChildJvm client = panpipe("", "connect", name, "--linger", "1ms")) {
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("served\n", client.output());
            server.awaitError("connection 1: the program ended with 0");
        }
    }

    @Test
    void aProgramServesTheLineOfItsClient() throws Exception {
        String command = "set /p line= & call echo got %line%";
        try (ChildJvm server = server(new byte[0], "listen", name, "--exec", command, "-v");
                ChildJvm client = panpipe("a line\r\n", "connect", name, "--linger", "20s")) {
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("got a line", client.output().strip());
            server.awaitError("connection 1: the program ended with 0");
        }
    }

    @Test
    void theProxyPassesOnThatAClientIsGone() throws Exception {
        byte[] data = random(300_000);
        Path dump = directory.resolve("dump");
        try (ChildJvm server = echo();
                ChildJvm proxy = server(new byte[0], "proxy", name + "-front", name, "-v",
                        "--dump-file", dump.toString());
                ChildJvm client = panpipe(data, "connect", name + "-front", "--linger", "5s")) {
            assertEquals(0, client.exitCode(), client::error);
            assertArrayEquals(data, client.bytes());
            server.awaitError("connection 1: closed");
            proxy.awaitError("connection 1: closed");
            assertTrue(Files.readString(dump).lines().filter(line -> line.contains(" bytes")).count() >= 2);
        }
    }

    @Test
    void theProxyPassesOnThatTheServerIsGone() throws Exception {
        try (ChildJvm server = server("all there is".getBytes(StandardCharsets.UTF_8), "listen", name, "-v");
                ChildJvm proxy = server(new byte[0], "proxy", name + "-front", name, "-v");
                ChildJvm client = panpipe("", "connect", name + "-front")) {
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("all there is", client.output());
            assertEquals(0, server.exitCode(), server::error);
            proxy.awaitError("connection 1: closed");
        }
    }

    @Test
    void benchMeasuresAnEcho() throws Exception {
        try (ChildJvm server = echo();
                ChildJvm bench = panpipe("", "bench", name, "-c", "4", "-s", "10000", "-w", "100ms", "-d", "500ms")) {
            assertEquals(0, bench.exitCode(), bench::error);
            assertTrue(bench.output().startsWith("\\\\.\\pipe\\" + name + ", 4 connections, 10000 B, "),
                    bench.output());
            server.awaitError("connection 4: from process ");
        }
    }

    @Test
    void endsQuietlyWhenNobodyReadsItsOutput() throws Exception {
        Process unread = null;
        try (ChildJvm server = server(random(4_000_000), "listen", name, "-k", "-v")) {
            unread = new ProcessBuilder(ChildJvm.command(Panpipe.class, "connect", name))
                    .redirectInput(Files.createFile(directory.resolve("nothing")).toFile())
                    .redirectError(directory.resolve("unread").toFile())
                    .start();
            try (InputStream out = unread.getInputStream()) {
                assertArrayEquals(Arrays.copyOf(random(4_000_000), 2), out.readNBytes(2));
            }
            assertTrue(unread.waitFor(Patience.minutes(2).toMillis(), TimeUnit.MILLISECONDS));
            assertEquals(1, unread.exitValue());
            assertEquals("", Files.readString(directory.resolve("unread")));
            server.awaitError(": broken pipe (EPIPE)\n");
        } finally {
            if (unread != null) {
                unread.destroyForcibly().onExit().join();
            }
        }
    }

    @Test
    void saysInOneLineThatThereIsNoServer() throws Exception {
        try (ChildJvm client = panpipe("", "connect", name)) {
            assertEquals(1, client.exitCode());
            assertEquals("panpipe: CreateFile \\\\.\\pipe\\" + name + ": no such file or directory (ENOENT)\n",
                    client.error());
        }
    }

    @Test
    void saysWhatANameIs() throws Exception {
        try (ChildJvm client = panpipe("", "connect", "C:\\demo")) {
            assertEquals(2, client.exitCode());
            assertTrue(client.error().contains("'C:\\demo' is no name such as demo or \\\\.\\pipe\\demo"),
                    client.error());
        }
    }
}
