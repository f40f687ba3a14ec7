/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code panpipe proxy} between JDK clients and JDK servers. */
@EnabledOnOs(OS.LINUX)
final class ProxyCommandTest {

    private static final String TIME = "\\d\\d:\\d\\d:\\d\\d\\.\\d{6}";

    @TempDir
    Path directory;

    @Test
    void carriesManyConnectionsAtOnce() throws Exception {
        Path from = directory.resolve("from");
        Path to = directory.resolve("to");
        try (ServerSocketChannel server = Peer.server(to);
                Child proxy = Child.panpipe("proxy", from.toString(), to.toString())) {
            Peer.awaitServer(from);
            List<SocketChannel> clients = new ArrayList<>();
            List<SocketChannel> servers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(Peer.client(from));
                servers.add(server.accept());
            }
            for (int i = 0; i < 50; i++) {
                exchange(clients.get(i), servers.get(i), i);
            }
            carriesMuch(from, server);
            assertEquals(143, proxy.terminate());
            assertEquals("", proxy.error());
            assertFalse(Files.exists(from));
            assertTrue(Files.exists(to));
        }
    }

    private static void exchange(SocketChannel client, SocketChannel server, int number) throws IOException {
        try (client; server) {
            Peer.write(client, "question " + number);
            client.shutdownOutput();
            assertEquals("question " + number, Peer.readToEnd(server));
            Peer.write(server, "answer " + number);
            server.close();
            assertEquals("answer " + number, Peer.readToEnd(client));
        }
    }

    /** The server reads nothing at first, so that the proxy has to hold the client back. */
    private static void carriesMuch(Path from, ServerSocketChannel server) throws Exception {
        String much = "0123456789".repeat(1_000_000);
        try (SocketChannel client = Peer.client(from);
                SocketChannel connection = server.accept()) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    Peer.write(client, much);
                    client.shutdownOutput();
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            });
            Peer.write(connection, "first");
            assertEquals("first", Peer.read(client, 5));
            assertEquals(much, Peer.readToEnd(connection));
            writer.join();
        }
    }

    @Test
    void dumpsBothDirections() throws Exception {
        Path from = directory.resolve("from");
        Path to = directory.resolve("to");
        Path dump = directory.resolve("dump");
        try (ServerSocketChannel server = Peer.server(to);
                Child proxy = Child.panpipe(
                        "proxy", from.toString(), to.toString(), "--dump-file", dump.toString())) {
            Peer.awaitServer(from);
            exchange(Peer.client(from), server.accept(), 1);
            Child.await(() -> lines(dump).contains("closed"), () -> lines(dump));
            assertTrue(lines(dump).matches("#1 = " + TIME + " connected\n"
                    + "#1 > " + TIME + " 10 bytes\n"
                    + "00000000  71 75 65 73 74 69 6f 6e  20 31                    \\|question 1\\|\n"
                    + "#1 > " + TIME + " end\n"
                    + "#1 < " + TIME + " 8 bytes\n"
                    + "00000000  61 6e 73 77 65 72 20 31                           \\|answer 1\\|\n"
                    + "#1 < " + TIME + " end\n"
                    + "#1 = " + TIME + " closed\n"), () -> lines(dump));
            assertEquals(143, proxy.terminate());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"./from", "link", "../%s/from"})
    void doesNotCallItself(String to) throws Exception {
        Path from = directory.resolve("from");
        Files.createSymbolicLink(directory.resolve("link"), from);
        String alias = directory + "/" + to.formatted(directory.getFileName());
        try (Child proxy = Child.panpipe("proxy", from.toString(), alias)) {
            assertEquals(2, proxy.exitCode());
            assertEquals("panpipe: FROM and TO are the same: the proxy would call itself\n"
                    + "Try 'panpipe proxy --help'.\n", proxy.error());
        }
        assertFalse(Files.exists(from));
    }

    /** Reads until the connection has ended, be it by a reset: what was written to it may have had no reader. */
    private static void awaitEnd(SocketChannel channel) throws IOException {
        try {
            assertEquals("", Peer.readToEnd(channel));
        } catch (SocketException reset) {
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    @Test
    void endsACallToItselfThatCouldNotBeForeseen() throws Exception {
        Path from = directory.resolve("from");
        Path to = directory.resolve("to");
        try (Child proxy = Child.panpipe("proxy", from.toString(), to.toString())) {
            // Once a first one has failed, for want of a server, what can be foreseen has been looked at.
            try (SocketChannel early = Peer.client(from)) {
                awaitEnd(early);
            }
            Child.await(() -> proxy.error().contains("connection 1: "), proxy::error);
            Files.createSymbolicLink(to, from);
            try (SocketChannel client = Peer.client(from)) {
                awaitEnd(client);
            }
            String told = "panpipe: connection 3: TO leads back to FROM: the proxy calls itself\n";
            Child.await(() -> proxy.error().endsWith(told), proxy::error);
            assertEquals(143, proxy.terminate());
        }
    }

    @Test
    void aDumpFileKeepsWhatItHasUntilThereIsSomethingNew() throws Exception {
        Path from = directory.resolve("from");
        Path to = directory.resolve("to");
        Path dump = Files.writeString(directory.resolve("dump"), "what was dumped before".repeat(100));
        try (ServerSocketChannel server = Peer.server(to)) {
            try (Child refused = Child.panpipe("proxy", to.toString(), from.toString(), "--dump-file", dump.toString())) {
                assertEquals(1, refused.exitCode());
            }
            try (Child proxy = Child.panpipe("proxy", from.toString(), to.toString(), "--dump-file", dump.toString())) {
                Peer.awaitServer(from);
                assertTrue(lines(dump).startsWith("what was"));
                exchange(Peer.client(from), server.accept(), 1);
                Child.await(() -> lines(dump).contains("closed"), () -> lines(dump));
                assertTrue(lines(dump).startsWith("#1 = "), () -> lines(dump));
                assertFalse(lines(dump).contains("before"), () -> lines(dump));
                assertEquals(143, proxy.terminate());
            }
        }
    }

    private static String lines(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void goesOnWhenTheServerIsAway() throws Exception {
        Path from = directory.resolve("from");
        Path to = directory.resolve("to");
        try (Child proxy = Child.panpipe("proxy", from.toString(), to.toString(), "--dump")) {
            Peer.awaitServer(from);
            try (SocketChannel client = Peer.client(from)) {
                assertEquals("", Peer.readToEnd(client));
            }
            proxy.awaitError("panpipe: connection 1: connect " + to + ": no such file or directory (ENOENT)\n");
            try (ServerSocketChannel server = Peer.server(to)) {
                exchange(Peer.client(from), server.accept(), 2);
            }
            proxy.awaitError("|answer 2|\n");
            assertEquals(143, proxy.terminate());
        }
    }
}
