/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The dump of {@code connect} and {@code listen}; that of {@code proxy} is in {@link ProxyCommandTest}. */
@EnabledOnOs(OS.LINUX)
final class DumpTest {

    private static final String CONVERSATION = """
            #1 = TIME connected
            #1 > TIME 8 bytes
            00000000  71 75 65 73 74 69 6f 6e                           |question|
            #1 > TIME end
            #1 < TIME 6 bytes
            00000000  61 6e 73 77 65 72                                 |answer|
            #1 < TIME end
            #1 = TIME closed
            """;

    @TempDir
    Path directory;

    private static String withoutTimes(Path dump) {
        try {
            return Files.readString(dump).replaceAll("\\d\\d:\\d\\d:\\d\\d\\.\\d{6}", "TIME");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void aClientShowsWhatItSendsAndReceives() throws Exception {
        Path name = directory.resolve("s");
        Path dump = directory.resolve("dump");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", name.toString(), "--dump-file", dump.toString())
                        .input("question");
                SocketChannel connection = server.accept()) {
            assertEquals("question", Peer.readToEnd(connection));
            Peer.write(connection, "answer");
            connection.shutdownOutput();
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("answer", client.output());
            assertEquals(CONVERSATION, withoutTimes(dump));
        }
    }

    @Test
    void aServerShowsTheSameAndAddsToItsFile() throws Exception {
        Path name = directory.resolve("s");
        Path dump = Files.writeString(directory.resolve("dump"), "before\n");
        try (Child server = Child.panpipe("listen", name.toString(), "--linger", "1m", "--append",
                "--dump-file", dump.toString())) {
            try (SocketChannel client = Peer.client(name)) {
                Peer.write(client, "question");
                client.shutdownOutput();
                Child.await(() -> withoutTimes(dump).contains("> TIME end"), () -> withoutTimes(dump));
                server.input("answer");
                assertEquals("answer", Peer.readToEnd(client));
            }
            assertEquals(0, server.exitCode(), server::error);
            String told = withoutTimes(dump);
            assertTrue(told.startsWith("before\n" + CONVERSATION.substring(0, CONVERSATION.indexOf("#1 < TIME end"))),
                    told);
        }
    }

    @Test
    void servicesShowEachClient() throws Exception {
        Path name = directory.resolve("s");
        for (String service : List.of("--echo", "--exec=cat")) {
            try (Child server = Child.panpipe("listen", name.toString(), service, "--dump")) {
                assertEquals("one", Peer.ask(name, "one"));
                assertEquals("two", Peer.ask(name, "two"));
                server.awaitError("#2 < ");
                for (String line : List.of("#1 > ", "#1 < ", "#2 > ", "|one|\n", "|two|\n")) {
                    server.awaitError(line);
                }
                assertEquals(143, server.terminate());
            }
        }
    }
}
