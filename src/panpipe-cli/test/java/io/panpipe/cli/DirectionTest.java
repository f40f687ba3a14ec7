/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Standard streams that are connected in one direction only. */
@EnabledOnOs(OS.LINUX)
final class DirectionTest {

    @TempDir
    Path directory;

    @Test
    void sendsWithoutShowingWhatComesBack() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", "--send-only", "--linger", "50ms", name.toString())
                        .input("message");
                SocketChannel connection = server.accept()) {
            Peer.write(connection, "noise");
            assertEquals("message", Peer.readToEnd(connection));
            // It does not wait for the server's end.
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("", client.output());
            assertEquals("", client.error());
        }
    }

    @Test
    void receivesWithoutReadingStandardInput() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", "--recv-only", name.toString()).input("not for the client")) {
            try (SocketChannel client = Peer.client(name)) {
                Peer.write(client, "message");
                client.shutdownOutput();
                assertEquals("", Peer.readToEnd(client));
            }
            assertEquals(0, server.exitCode(), server::error);
            assertEquals("message", server.output());
        }
    }
}
