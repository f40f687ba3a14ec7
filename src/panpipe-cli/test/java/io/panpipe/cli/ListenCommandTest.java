/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Python;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code panpipe listen} with standard streams, and the name it listens on. */
@EnabledOnOs(OS.LINUX)
final class ListenCommandTest {

    @TempDir
    Path directory;

    @Test
    void talksToOneClientAndEnds() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", name.toString()).input("welcome\n")) {
            Peer.awaitServer(name);
            try (Child client = Child.program("socat", "-t", "10", "STDIO", "UNIX-CONNECT:" + name).input("hello\n")) {
                assertEquals(0, client.exitCode(), client::error);
                assertEquals("welcome\n", client.output());
            }
            assertEquals(0, server.exitCode(), server::error);
            assertEquals("hello\n", server.output());
            assertFalse(Files.exists(name), "the name is gone");
        }
    }

    @Test
    void carriesTwentyMegabytesBothWays() throws Exception {
        Path name = directory.resolve("s");
        byte[] down = random(1);
        byte[] up = random(2);
        try (Child server = Child.panpipe("listen", name.toString()).input(down)) {
            Peer.awaitServer(name);
            try (Child client = Child.panpipe("connect", name.toString()).input(up)) {
                assertEquals(0, client.exitCode(), client::error);
                assertArrayEquals(checksum(down), checksum(client.bytes()));
            }
            assertEquals(0, server.exitCode(), server::error);
            assertArrayEquals(checksum(up), checksum(server.bytes()));
        }
    }

    private static byte[] random(int seed) {
        byte[] data = new byte[20_000_000];
        new Random(seed).nextBytes(data);
        return data;
    }

    private static byte[] checksum(byte[] data) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(data);
    }

    @Test
    void servesOneClientAfterTheOtherWhenKeptOpen() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", "-k", name.toString())) {
            Peer.awaitServer(name);
            try (SocketChannel first = Peer.client(name);
                    SocketChannel second = Peer.client(name)) {
                Peer.write(second, "second ");
                second.shutdownOutput();
                Peer.write(first, "first ");
                first.shutdownOutput();
                server.process().getOutputStream().write("to the first".getBytes());
                server.process().getOutputStream().flush();
                assertEquals("to the first", Peer.readToEnd(first));
                assertEquals("", Peer.readToEnd(second));
            }
            Child.await(() -> server.output().equals("first second "), server::output);
            assertTrue(Files.exists(name));
            assertEquals(143, server.terminate());
            assertFalse(Files.exists(name), "SIGTERM leaves no socket file behind");
            assertEquals("", server.error());
        }
    }

    @Test
    void whatCannotBeSentToOneClientIsNoMatterOfTheNext() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", "-k", name.toString())) {
            Peer.awaitServer(name);
            SocketChannel second;
            try (SocketChannel first = Peer.client(name)) {
                second = Peer.client(name);
                first.shutdownOutput();
                // More than the system holds: several pieces are queued, and fail one after the other.
                server.type("x".repeat(1_000_000));
            }
            try (second) {
                second.shutdownOutput();
                Child.await(() -> !server.error().isEmpty(), () -> "no failure was told");
                server.type("to the second");
                server.endInput();
                String received = Peer.readToEnd(second);
                assertTrue(received.endsWith("to the second"), () -> received.length() + " bytes came");
            }
            assertEquals(143, server.terminate());
            assertEquals(1, server.error().lines().count(), server::error);
        }
    }

    @Test
    void replacesAStaleFileOnlyIfAsked() throws Exception {
        Path name = directory.resolve("s");
        // The JDK leaves the file of a closed server where it is.
        try (ServerSocketChannel gone = Peer.server(name)) {
            assertTrue(gone.isOpen());
        }
        try (Child refused = Child.panpipe("listen", name.toString())) {
            assertEquals(1, refused.exitCode());
            assertTrue(refused.error().startsWith("panpipe: bind " + name + ": address already in use (EADDRINUSE)"),
                    refused::error);
            assertTrue(refused.error().endsWith(": delete it, or use --replace\n"), refused::error);
            assertEquals(1, refused.error().lines().count(), refused::error);
        }
        try (Child server = Child.panpipe("listen", name.toString(), "--replace", "--mode", "0666", "--echo", "-v")) {
            server.awaitError("listening on " + name);
            assertEquals("rw-rw-rw-", PosixFilePermissions.toString(Files.getPosixFilePermissions(name)));
            assertEquals("again", Peer.ask(name, "again"));
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void aLackOfDescriptorsIsToldOnceAndInItsOwnWords() throws Exception {
        Path name = directory.resolve("s");
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 40; exec \"$@\"", "sh"));
        command.addAll(Child.commandLine("listen", name.toString(), "--echo"));
        List<SocketChannel> clients = new ArrayList<>();
        try (Child server = Child.at(command)) {
            Peer.awaitServer(name);
            for (int i = 0; i < 60; i++) {
                clients.add(SocketChannel.open(UnixDomainSocketAddress.of(name)));
            }
            server.awaitError("EMFILE");
            for (SocketChannel client : clients) {
                client.close();
            }
            // The library's log waits for a descriptor of its own.
            assertEquals("again", Peer.ask(name, "again"));
            assertEquals(143, server.terminate());
            for (String line : server.error().lines().toList()) {
                assertTrue(line.startsWith("panpipe: "), server::error);
            }
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    @Test
    void ownerAloneMayConnectByDefaultAndSigintCleansUp() throws Exception {
        Path name = directory.resolve("s");
        // A build in the background of a shell ignores SIGINT, and so do its children, and a JVM leaves it at that.
        List<String> command = new ArrayList<>(List.of(Python.interpreter(), "-c", "import os, signal, sys;"
                + " signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"));
        command.addAll(Child.commandLine("listen", name.toString()));
        try (Child server = Child.at(command)) {
            Peer.awaitServer(name);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(name)));
            try (Child kill = Child.program("kill", "-INT", Long.toString(server.process().pid()))) {
                assertEquals(0, kill.exitCode());
            }
            assertEquals(130, server.exitCode());
            assertFalse(Files.exists(name));
            assertEquals("", server.error());
        }
    }
}
