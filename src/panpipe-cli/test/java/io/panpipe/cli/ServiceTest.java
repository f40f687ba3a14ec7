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
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The services {@code --echo} and {@code --exec}, and {@code bench} against the first. */
@EnabledOnOs(OS.LINUX)
@Tag("slow")
final class ServiceTest {

    @TempDir
    Path directory;

    @Test
    void echoesManyClientsAtOnceAndIsMeasured() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", name.toString(), "--echo")) {
            Peer.awaitServer(name);
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(Peer.client(name));
            }
            for (int i = clients.size() - 1; i >= 0; i--) {
                Peer.write(clients.get(i), "client " + i);
                assertEquals("client " + i, Peer.read(clients.get(i), ("client " + i).length()));
            }
            for (SocketChannel client : clients) {
                client.close();
            }
            try (Child client = Child.program("socat", "STDIO", "UNIX-CONNECT:" + name).input("socat\n")) {
                assertEquals(0, client.exitCode());
                assertEquals("socat\n", client.output());
            }
            measure(name);
            assertEquals(143, server.terminate());
            assertEquals("", server.error());
            assertFalse(Files.exists(name));
        }
    }

    private static void measure(Path name) throws Exception {
        try (Child bench = Child.panpipe(
                "bench", name.toString(), "-c", "8", "-s", "100000", "--warmup", "100ms", "--duration", "500ms")) {
            assertEquals(0, bench.exitCode(), bench::error);
            assertTrue(bench.output().matches("(?s).*, 8 connections, 100000 B, .*\n"
                    + "round trips +[\\d,]+ \\([\\d,]+/s\\)\n.*"
                    + "latency/us +p50 [\\d.]+  p90 [\\d.]+  p99 [\\d.]+  p99.9 [\\d.]+  max [\\d.]+\n"),
                    bench::output);
            assertEquals("", bench.error());
        }
    }

    @Test
    void benchWritesJson() throws Exception {
        Path name = directory.resolve("a \"quoted\" name");
        try (Child server = Child.panpipe("listen", name.toString(), "--echo")) {
            // Started before the server has its name, perhaps.
            try (Child bench = Child.panpipe("bench", "--json", "--wait", "-d", "2s", "-w", "0", name.toString())) {
                assertEquals(0, bench.exitCode(), bench::error);
                String escaped = name.toString().replace("\"", "\\\"");
                String number = "\\d+(\\.\\d+)?";
                assertTrue(bench.output().matches(("\\{\"name\": \"\\Q" + escaped + "\\E\", \"connections\": 1,"
                        + " \"size\": 64, \"seconds\": #, \"roundTrips\": #, \"roundTripsPerSecond\": #,"
                        + " \"bytesPerSecond\": #, \"latencyMicros\": \\{\"p50\": #, \"p90\": #, \"p99\": #,"
                        + " \"p999\": #, \"max\": #\\}\\}\n").replace("#", number)), bench::output);
            }
            assertEquals(143, server.terminate());
        }
        assertEquals("\\u0009\\\\\\\"", BenchCommand.escaped("\t\\\""));
    }

    @Test
    void benchKnowsAnEchoFromAnotherAnswer() throws Exception {
        Path name = directory.resolve("s");
        try (Child server = Child.panpipe("listen", name.toString(), "--exec", "tr '\\001-\\377' x")) {
            Peer.awaitServer(name);
            try (Child bench = Child.panpipe("bench", name.toString(), "-s", "100000", "--duration", "20s")) {
                assertEquals(1, bench.exitCode());
                assertTrue(bench.error().startsWith("panpipe: connection 1: what came back is no echo: byte "),
                        bench::error);
            }
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void runsAProgramForEachClient() throws Exception {
        Path name = directory.resolve("s");
        Path pids = directory.resolve("pids");
        String script = "read line; case $line in upper) exec tr a-z A-Z;; first) head -n 1;;"
                + " *) echo $$ >> " + pids + "; exec sleep 1000;; esac";
        try (Child server = Child.panpipe("listen", name.toString(), "-v", "--exec", script)) {
            Peer.awaitServer(name);
            try (SocketChannel other = Peer.client(name)) {
                Peer.write(other, "upper\nat once ");
                assertEquals("SHOUT\n", Peer.ask(name, "upper\nshout\n"));
                other.shutdownOutput();
                assertEquals("AT ONCE ", Peer.readToEnd(other));
            }
            try (SocketChannel open = Peer.client(name)) {
                Peer.write(open, "first\none\ntwo\n");
                // The program ends while the client is still open: so does the connection.
                assertTrue(Peer.readToEnd(open).length() <= "one\n".length());
            }
            try (SocketChannel sleeper = Peer.client(name)) {
                Peer.write(sleeper, "sleep\n");
                Child.await(() -> Files.exists(pids) && pids.toFile().length() > 1, () -> "no program");
                ProcessHandle program =
                        ProcessHandle.of(Long.parseLong(Files.readString(pids).strip())).orElseThrow();
                assertEquals(143, server.terminate(), "SIGTERM ends the programs, too");
                Child.await(() -> !program.isAlive(), () -> "the program outlived the command");
            }
            assertFalse(Files.exists(name));
        }
    }

    @Test
    void killsTheProgramWhenTheConnectionBreaks() throws Exception {
        Path name = directory.resolve("s");
        String script = "trap '' PIPE; cat /dev/zero; cat /dev/zero";
        try (Child server = Child.panpipe("listen", name.toString(), "-v", "--exec", script)) {
            Peer.awaitServer(name);
            try (SocketChannel client = Peer.client(name)) {
                assertEquals("\0\0\0", Peer.read(client, 3));
                assertTrue(server.process().descendants().findAny().isPresent());
            }
            server.awaitError("connection 1: the program ended with");
            Child.await(() -> server.process().descendants().findAny().isEmpty(), () -> "a program is left");
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void killsWhatDoesNotEndWithItsShellWhenTheConnectionBreaks() throws Exception {
        Path name = directory.resolve("s");
        Path pids = directory.resolve("pids");
        String script = "(trap '' TERM; exec sleep 1000) & echo $! > " + pids + "; cat /dev/zero";
        try (Child server = Child.panpipe("listen", name.toString(), "--exec", script)) {
            Peer.awaitServer(name);
            try (SocketChannel client = Peer.client(name)) {
                assertEquals("\0\0\0", Peer.read(client, 3));
            }
            ProcessHandle left = ProcessHandle.of(Long.parseLong(lines(pids).getFirst())).orElseThrow();
            Child.await(() -> !left.isAlive(), () -> "a program is left");
            assertTrue(server.process().isAlive());
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void noProgramOutlivesTheCommandHoweverManyIgnoreIt() throws Exception {
        Path name = directory.resolve("s");
        Path pids = directory.resolve("pids");
        // The shell ends when it is told to, its child does not.
        String script = "(trap '' TERM; echo $$ >> " + pids + "; sh -c 'echo $$ >> " + pids + "; exec sleep 1000') & wait";
        try (Child server = Child.panpipe("listen", name.toString(), "--exec", script)) {
            Peer.awaitServer(name);
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(Peer.client(name));
            }
            Child.await(() -> lines(pids).size() == 2 * clients.size(), () -> "programs have not begun");
            List<ProcessHandle> programs = lines(pids).stream().map(Long::parseLong).map(ProcessHandle::of)
                    .flatMap(Optional::stream).toList();
            assertEquals(143, server.terminate());
            assertEquals("", server.error());
            Child.await(() -> programs.stream().noneMatch(ProcessHandle::isAlive), () -> "programs are left");
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    @Test
    void runsNoMoreProgramsAtOnceThanItWasTold() throws Exception {
        Path name = directory.resolve("s");
        Path running = Files.createDirectory(directory.resolve("running"));
        // Each tells how many there are, itself included, and stays until its client has said all.
        String script = "touch " + running + "/$$; ls " + running + " | wc -l; cat > /dev/null; rm " + running + "/$$";
        try (Child server = Child.panpipe("listen", name.toString(), "-v", "--max-children", "2", "--exec", script)) {
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                clients.add(Peer.client(name));
            }
            server.awaitError("a client waits, for as many programs run as may: 2\n");
            for (SocketChannel client : clients) {
                client.shutdownOutput();
            }
            for (SocketChannel client : clients) {
                String count = Peer.readToEnd(client).strip();
                assertTrue(count.equals("1") || count.equals("2"), () -> count + " programs ran at once");
                client.close();
            }
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void tellsTheProgramWhoItsClientIs() throws Exception {
        Path name = directory.resolve("s");
        List<String> command = new ArrayList<>(List.of("env", "PANPIPE_PEER_ADDRESS=forged"));
        command.addAll(Child.commandLine("listen", name.toString(), "--exec",
                "echo $PANPIPE_PEER_PID $PANPIPE_PEER_UID $PANPIPE_PEER_GID [$PANPIPE_PEER_ADDRESS]"));
        try (Child server = Child.at(command)) {
            Object uid = Files.getAttribute(directory, "unix:uid");
            Object gid = Files.getAttribute(directory, "unix:gid");
            assertEquals(ProcessHandle.current().pid() + " " + uid + " " + gid + " []\n", Peer.ask(name, ""));
            assertEquals(143, server.terminate());
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void listensOnAnAbstractName() throws Exception {
        String name = "@panpipe-test-" + ProcessHandle.current().pid();
        try (Child server = Child.panpipe("listen", name, "--echo", "-v")) {
            server.awaitError("listening on " + name);
            String address = "ABSTRACT-CONNECT:" + name.substring(1);
            try (Child client = Child.program("socat", "-t", "30", "STDIO", address).input("hi")) {
                assertEquals(0, client.exitCode(), client::error);
                assertEquals("hi", client.output());
            }
            server.awaitError("connection 1: from process ");
        }
    }

    @Test
    void showsALiveLineInATerminal() throws Exception {
        Path name = directory.resolve("s");
        String command = String.join(" ", Child.commandLine("listen", name.toString(), "--echo"));
        try (Child terminal = Child.program("script", "-qec", command, "/dev/null")) {
            Peer.awaitServer(name);
            assertEquals("x".repeat(2048), Peer.ask(name, "x".repeat(2048)));
            Child.await(() -> terminal.output().contains("sent 2.0 KiB ("), terminal::output);
        }
    }
}
