/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** TCP ports in the place of names, with the JDK's sockets at the other end. */
@EnabledOnOs(OS.LINUX)
final class TcpCommandTest {

    private static final Pattern LISTENING = Pattern.compile("listening on tcp:.*:(\\d+)\n");

    @TempDir
    Path directory;

    private static InetSocketAddress loopback(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    private static ServerSocketChannel server() throws IOException {
        return ServerSocketChannel.open().bind(loopback(0));
    }

    private static int port(ServerSocketChannel server) throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    /** Waits until a command that was given port 0 tells which one it is. */
    private static int port(Child command) {
        command.awaitError("listening on tcp:");
        Child.await(() -> LISTENING.matcher(command.error()).find(), command::error);
        Matcher told = LISTENING.matcher(command.error());
        assertTrue(told.find());
        return Integer.parseInt(told.group(1));
    }

    private static String ask(int port, String text) throws IOException {
        try (SocketChannel channel = SocketChannel.open(loopback(port))) {
            Peer.write(channel, text);
            channel.shutdownOutput();
            return Peer.readToEnd(channel);
        }
    }

    @Test
    void theProxyJoinsAPipeAndAPort() throws Exception {
        Path name = directory.resolve("s");
        try (ServerSocketChannel server = server();
                Child inward = Child.panpipe("proxy", name.toString(), "tcp:" + port(server));
                Child outward = Child.panpipe("proxy", "tcp:0", name.toString())) {
            Peer.awaitServer(name);
            int port = port(outward);
            Thread answers = Thread.ofPlatform().daemon().start(() -> {
                try (SocketChannel connection = server.accept()) {
                    Peer.write(connection, "heard " + Peer.readToEnd(connection));
                } catch (IOException broken) {
                    // The test finds its answer missing.
                    return;
                }
            });
            // From a port to a pipe, and from that to a port again.
            assertEquals("heard a word", ask(port, "a word"));
            answers.join();
            assertEquals(143, outward.terminate());
            assertEquals("panpipe: listening on tcp:127.0.0.1:" + port + "\n", outward.error(), "and no warning");
            assertEquals(143, inward.terminate());
            assertEquals("", inward.error());
        }
    }

    @Test
    void connectsToAHostByItsName() throws Exception {
        // Where that is an IPv6 address first, nobody listens there, and the next one is tried.
        try (ServerSocketChannel server = server();
                Child client = Child.panpipe("connect", "tcp:localhost:" + port(server)).input("hello");
                SocketChannel connection = server.accept()) {
            assertEquals("hello", Peer.readToEnd(connection));
            Peer.write(connection, "bye");
            connection.shutdownOutput();
            assertEquals(0, client.exitCode(), client::error);
            assertEquals("bye", client.output());
        }
    }

    @Test
    void saysThatNobodyIsThere() throws Exception {
        int port;
        try (ServerSocketChannel gone = server()) {
            port = port(gone);
        }
        try (Child client = Child.panpipe("connect", "tcp:" + port)) {
            assertEquals(1, client.exitCode());
            assertEquals("panpipe: connect 127.0.0.1:" + port + ": connection refused (ECONNREFUSED)\n",
                    client.error());
        }
        // No server of names is asked for what cannot be one.
        try (Child client = Child.panpipe("connect", "tcp:no..host:" + port)) {
            assertEquals(1, client.exitCode());
            assertEquals("panpipe: tcp:no..host:" + port + ": the host is not known\n", client.error());
        }
    }

    @Test
    void warnsOfAnAddressThatOtherMachinesReach() throws Exception {
        try (Child server = Child.panpipe("listen", "tcp:0.0.0.0:0", "--echo", "-v")) {
            int port = port(server);
            assertTrue(server.error().startsWith("panpipe: warning: whoever can reach this machine can connect to"
                    + " tcp:0.0.0.0:" + port + "; "), server::error);
            assertEquals("echo", ask(port, "echo"));
            server.awaitError("connection 1: from tcp:127.0.0.1:");
            try (Child bench = Child.panpipe("bench", "tcp:" + port, "-d", "100ms", "-w", "0")) {
                assertEquals(0, bench.exitCode(), bench::error);
                assertTrue(bench.output().startsWith("tcp:127.0.0.1:" + port + ", 1 connection, 64 B, "),
                        bench::output);
            }
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void tellsTheProgramWhereItsClientIs() throws Exception {
        String script = "echo $PANPIPE_PEER_ADDRESS $PANPIPE_PEER_PORT [$PANPIPE_PEER_PID]";
        try (Child server = Child.panpipe("listen", "tcp:0", "--exec", script);
                SocketChannel client = SocketChannel.open(loopback(port(server)))) {
            int port = ((InetSocketAddress) client.getLocalAddress()).getPort();
            assertEquals("127.0.0.1 " + port + " []\n", Peer.readToEnd(client));
            assertEquals(143, server.terminate());
        }
    }

    @Test
    void aProxyOfPortsDoesNotCallItself() throws Exception {
        try (SocketChannel holder = SocketChannel.open()) {
            // Holds the port for the proxy: both say SO_REUSEADDR, and this one does not listen.
            holder.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(loopback(0));
            int port = ((InetSocketAddress) holder.getLocalAddress()).getPort();
            try (Child proxy = Child.panpipe("proxy", "-v", "tcp:" + port, "tcp:localhost:" + port)) {
                proxy.awaitError("listening on tcp:127.0.0.1:" + port);
                try (SocketChannel client = SocketChannel.open(loopback(port))) {
                    assertEquals("", Peer.readToEnd(client));
                }
                proxy.awaitError("connection 2: TO leads back to FROM: the proxy calls itself\n");
                assertEquals(143, proxy.terminate());
                assertFalse(proxy.error().contains("connection 3"), proxy::error);
            }
        }
    }
}
