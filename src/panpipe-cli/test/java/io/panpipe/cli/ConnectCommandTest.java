/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Python;
import java.io.InputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code panpipe connect} against socat and the JDK's own channels. */
@EnabledOnOs(OS.LINUX)
final class ConnectCommandTest {

    @TempDir
    Path directory;

    @Test
    void halfClosesAtTheEndOfInputAndPrintsTheAnswer() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.program("socat", "UNIX-LISTEN:" + name, "EXEC:tr a-z A-Z")) {
            Peer.awaitServer(name);
            try (Child client = Child.panpipe("connect", name.toString()).input("shout\n")) {
                assertEquals(0, client.exitCode(), client::error);
                assertEquals("SHOUT\n", client.output());
                assertEquals("", client.error(), "no live line where standard error is no terminal");
            }
            assertEquals(0, server.exitCode());
        }
    }

    // Standard streams that are not there, names that are not known.

    private static Child shell(String redirection, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" " + redirection, "sh"));
        command.addAll(Child.commandLine(args));
        return Child.at(command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", "<&- 2>&-"})
    void standardInputThatIsClosedSendsNothing(String redirection) throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = shell(redirection, "connect", name.toString());
                SocketChannel connection = server.accept()) {
            assertEquals("", Peer.read(connection, 1));
            Peer.write(connection, "answer");
            connection.shutdownOutput();
            assertEquals(1, client.exitCode(), client::error);
            assertEquals("answer", client.output());
            if (!redirection.contains("2")) {
                assertEquals("panpipe: standard input: it is not open\n", client.error());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {">&-", "<&- >&-", "<&- >&- 2>&-"})
    void standardOutputThatIsClosedTakesNothing(String redirection) throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = shell(redirection, "connect", name.toString()).input("question");
                SocketChannel connection = server.accept()) {
            assertEquals(redirection.contains("<") ? "" : "question", Peer.read(connection, 9));
            Peer.write(connection, "answer");
            assertEquals(1, client.exitCode(), client::error);
            if (!redirection.contains("2")) {
                assertTrue(client.error().endsWith("panpipe: standard output: it is not open\n"), client::error);
            }
        }
    }

    @Test
    void aFileOfTheJdkMayBeSentAllTheSame() throws Exception {
        Path name = directory.resolve("s");
        Path modules = Path.of(System.getProperty("java.home"), "lib", "modules");
        Assumptions.assumeTrue(Files.exists(modules));
        try (Child server = Child.program("socat", "-u", "UNIX-LISTEN:" + name, "SYSTEM:wc -c >" + directory + "/count")) {
            Peer.awaitServer(name);
            try (Child client = shell("<" + modules, "connect", name.toString())) {
                assertEquals(0, client.exitCode(), client::error);
            }
            assertEquals(0, server.exitCode());
            assertEquals(Files.size(modules), Long.parseLong(Files.readString(directory.resolve("count")).strip()));
        }
    }

    @Test
    void aNameThatTheLocaleDoesNotKnowIsRefused() throws Exception {
        String typed = "exec \"$@\" \"$(printf '" + directory + "/\\377\\303\\244')\"";
        for (String locale : List.of("C", "C.UTF-8")) {
            List<String> command = new ArrayList<>(List.of("sh", "-c", "LC_ALL=" + locale + "; export LC_ALL\n" + typed, "sh"));
            command.addAll(Child.commandLine("listen"));
            try (Child server = Child.at(command)) {
                assertEquals(2, server.exitCode(), server::error);
                String remedy = locale.equals("C") ? "set LC_ALL=C.UTF-8" : "by a symbolic link (ln -s)";
                assertTrue(server.error().contains(remedy), server::error);
                assertEquals(2, server.error().lines().count(), server::error);
            }
        }
        try (var files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void whatIsNoSocketIsSaidToBeNone() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        for (String command : List.of("connect", "listen")) {
            try (Child child = Child.panpipe(command, file.toString())) {
                assertEquals(1, child.exitCode());
                assertTrue(child.error().endsWith(": it is a regular file, not a socket\n"), child::error);
            }
        }
    }

    @Test
    void endsWhenTheServerClosesAlthoughStandardInputIsOpen() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", name.toString())) {
            try (SocketChannel connection = server.accept()) {
                Peer.write(connection, "bye\n");
            }
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("bye\n", client.output());
        }
    }

    @Test
    void goesOnSendingToAServerThatHasHalfClosed() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", "--linger", "1m", name.toString());
                SocketChannel connection = server.accept()) {
            Peer.write(connection, "done");
            connection.shutdownOutput();
            Child.await(() -> client.output().equals("done"), client::output);
            client.input("still here");
            assertEquals("still here", Peer.readToEnd(connection));
            assertEquals(0, client.exitCode(), client::error);
        }
    }

    @Test
    void failsInOneLineWhenTheServerDoesNotTakeAllOfTheInput() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = Peer.server(name);
                Child client = Child.panpipe("connect", name.toString()).input(new byte[10_000_000])) {
            try (SocketChannel connection = server.accept()) {
                Peer.read(connection, 1000);
            }
            assertEquals(1, client.exitCode());
            assertTrue(client.error().matches("panpipe: \\w+ .*: [a-z ]+ \\((EPIPE|ECONNRESET)\\)\n"), client::error);
        }
    }

    @Test
    void endsQuietlyWhenNobodyReadsItsOutput() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.program("socat", "-u", "EXEC:yes", "UNIX-LISTEN:" + name)) {
            Peer.awaitServer(name);
            try (Child client = Child.panpipeUnread("connect", name.toString())) {
                try (InputStream out = client.process().getInputStream()) {
                    assertEquals("y\n", new String(out.readNBytes(2), StandardCharsets.US_ASCII));
                }
                assertEquals(1, client.exitCode());
                assertEquals("", client.error());
            }
            assertTrue(server.exitCode() >= 0, "the server sees that the client is gone");
        }
    }

    @Test
    void saysInOneLineThatThereIsNoServer() throws Exception {
        Path name = directory.resolve("nowhere");
        try (Child client = Child.panpipe("connect", name.toString())) {
            assertEquals(1, client.exitCode());
            assertEquals("panpipe: connect " + name + ": no such file or directory (ENOENT)\n", client.error());
        }
    }

    @Test
    void timesOutWhileTheBacklogIsFull() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.at(List.of(Python.interpreter(), "-c", """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.bind(sys.argv[1])
                s.listen(0)
                c = socket.socket(socket.AF_UNIX)
                c.connect(sys.argv[1])
                print('full', flush=True)
                sys.stdin.read()
                """, name.toString()))) {
            Child.await(() -> server.output().contains("full"), server::error);
            try (Child client = Child.panpipe("connect", name.toString(), "--timeout", "300ms")) {
                assertEquals(1, client.exitCode());
                assertEquals("panpipe: connect " + name + ": timed out (ETIMEDOUT)\n", client.error());
            }
        }
    }
}
