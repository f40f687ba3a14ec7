/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How long the command waits: for a server, for a client, and for either to say something. */
@EnabledOnOs(OS.LINUX)
@Tag("slow")
final class WaitingTest {

    @TempDir
    Path directory;

    @Test
    void waitsUntilTheServerIsThere() throws Exception {
        Path name = directory.resolve("s");
        // The name is none that --wait would take for its time.
        try (Child client = Child.panpipe("connect", "-v", "--wait", name.toString()).input("early")) {
            client.awaitError("panpipe: waiting for a server: connect " + name
                    + ": no such file or directory (ENOENT)\n");
            try (ServerSocketChannel server = Peer.server(name);
                    SocketChannel connection = server.accept()) {
                assertEquals("early", Peer.readToEnd(connection));
                Peer.write(connection, "answer");
            }
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("answer", client.output());
        }
    }

    @Test
    void waitsNoLongerForTheServerThanItWasTold() throws Exception {
        Path name = directory.resolve("s");
        try (Child client = Child.panpipe("connect", "--wait=100ms", name.toString())) {
            assertEquals(1, client.exitCode());
            assertEquals("panpipe: connect " + name
                    + ": no such file or directory (ENOENT): no server within 100 ms\n", client.error());
        }
        // What is wrong with the name will not come right.
        Path file = Files.createFile(directory.resolve("file"));
        try (Child client = Child.panpipe("connect", "--wait", file.resolve("s").toString())) {
            assertEquals(1, client.exitCode());
            assertTrue(client.error().contains("ENOTDIR"), client::error);
        }
    }

    @Test
    void endsWithoutAWordWhenNothingMovesForTheTime() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", "-w", "2s", name.toString());
                SocketChannel connection = server.accept()) {
            Peer.write(connection, "answer");
            assertEquals("", Peer.readToEnd(connection), "the client closes, though its input has not ended");
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("answer", client.output());
            assertEquals("", client.error());
        }
    }

    @Test
    void failsWhenTheOtherEndDoesNotTakeTheInputForTheTime() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", "-w", "2s", name.toString()).input(new byte[10_000_000]);
                SocketChannel connection = server.accept()) {
            assertTrue(connection.isConnected());
            assertEquals(1, client.exitCode());
            assertTrue(client.error().matches("panpipe: closed, for nothing was sent or received for 2 s, and \\d+"
                    + " bytes were still to be sent\n"), client::error);
        }
    }

    @Test
    void givesUpWhenNoFirstClientComes() throws Exception {
        Path name = directory.resolve("s");
        for (String service : List.of("--keep-open", "--exec=cat")) {
            try (Child server = Child.panpipe("listen", name.toString(), "--accept-timeout", "100ms", service)) {
                assertEquals(1, server.exitCode());
                assertEquals("panpipe: no client came within 100 ms\n", server.error());
            }
            assertFalse(Files.exists(name));
        }
    }

    @Test
    void aClientThatSaysNothingMakesWayForTheNext() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", name.toString(), "-k", "-w", "50ms");
                SocketChannel first = Peer.client(name);
                SocketChannel second = Peer.client(name)) {
            assertEquals("", Peer.readToEnd(first));
            assertEquals("", Peer.readToEnd(second));
            assertEquals(143, server.terminate());
            assertEquals("", server.error());
        }
    }

    @Test
    void onceAClientHasComeTheNextMayTakeItsTime() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", name.toString(), "--accept-timeout", "1s", "-w", "2s", "--echo")) {
            try (SocketChannel silent = Peer.client(name)) {
                assertEquals("", Peer.readToEnd(silent));
            }
            assertEquals("again", Peer.ask(name, "again"));
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void aProxyClosesWhatIsIdleOnBothSides() throws Exception {
        Path from = directory.resolve("from");
        Path to = directory.resolve("to");
        try (ServerSocketChannel server = Peer.server(to);
                Child proxy = Child.panpipe("proxy", "-v", "-w", "50ms", from.toString(), to.toString());
                SocketChannel client = Peer.client(from);
                SocketChannel connection = server.accept()) {
            assertEquals("", Peer.readToEnd(client));
            assertEquals("", Peer.readToEnd(connection));
            proxy.awaitError("connection 1: closed, for nothing was sent or received for 50 ms\n");
            assertEquals(143, proxy.terminate());
        }
    }

    @Test
    void aServiceClosesWhatIsIdleAndEndsItsProgram() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", name.toString(), "-v", "-w", "50ms", "--exec", "cat; sleep 1000");
                SocketChannel client = Peer.client(name)) {
            assertEquals("", Peer.readToEnd(client));
            server.awaitError("connection 1: closed, for nothing was sent or received for 50 ms\n");
            server.awaitError("connection 1: the program ended with ");
            Child.await(() -> server.process().descendants().findAny().isEmpty(), () -> "a program is left");
            assertEquals(143, server.terminate());
        }
    }
}
