/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.junit.PanpipeExtension;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Has node start {@link NodeChild}, talk to it, and pass sockets to it; and plays a node that does it wrongly. */
@ExtendWith(PanpipeExtension.class)
@EnabledOnOs(OS.LINUX)
class NodeChildTest {

    private static final String HEARD = "client heard \"java {\\\"for\\\":\\\"you\\\"}\\necho\"\n";
    private static final String END = "disconnected\nexit 0\n";

    @TempDir
    private Path directory;

    private Program parent(String scenario) throws Exception {
        Program.assumeInstalled("node");
        String script = Path.of(NodeChildTest.class.getResource("node_parent.js").toURI()).toString();
        ProcessBuilder builder = Program.command(List.of("node", script, scenario), Program.java(NodeChild.class));
        builder.environment().put("SOCKET", directory.resolve("s").toString());
        return new Program(builder);
    }

    private void assertPrints(String expected, String scenario) throws Exception {
        try (Program node = parent(scenario)) {
            assertEquals(0, node.exitCode(), node::toString);
            assertEquals(expected, node.output(), node::error);
            assertEquals("", node.error());
        }
    }

    @Test
    void messagesComeBackAsTheyWere() throws Exception {
        assertPrints("true\n".repeat(5) + END, "messages");
    }

    @Test
    void socketsThatNodeHasAcceptedAreServedHere() throws Exception {
        assertPrints(HEARD.repeat(3) + "served 3\nserver closed\n" + END, "sockets");
    }

    @Test
    void aUnixSocketIsServedToo() throws Exception {
        assertPrints(HEARD + "server closed\n" + END, "unix");
        assertTrue(Files.notExists(directory.resolve("s")));
    }

    @Test
    void nodesServerClosesWhenTheLastSocketHereHas() throws Exception {
        assertPrints("connections 1\nclient ends\nserver closed\n" + END, "waiting");
    }

    @Test
    void whatIsNoStreamIsLeftAndTheNextMessageIsAnswered() throws Exception {
        assertPrints("after it served 0\n" + END, "datagrams");
    }

    @Test
    void endsWhenNodeIsKilled() throws Exception {
        try (Program node = parent("killed")) {
            ProcessHandle child = ProcessHandle.of(Long.parseLong(node.firstLine())).orElse(null);
            assertEquals(128 + 9, node.exitCode(), node::toString);
            if (child != null) {
                Program.await(() -> !child.isAlive(), () -> "still alive: " + child);
            }
            assertEquals("", node.error());
        }
    }

    @Test
    void theProgramSaysThatItNeedsAChannel() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Program.java(NodeChild.class));
        builder.environment().remove("NODE_CHANNEL_FD");
        try (Program program = new Program(builder)) {
            assertEquals(2, program.exitCode(), program::toString);
            assertEquals("started without a channel of JSON: see child_process.spawn\n", program.error());
        }
    }

    /** Notes what comes. */
    private static final class Notes implements NodeReceiver {
        private final List<String> lines = new ArrayList<>();
        private @Nullable NodeChannel channel;

        @Override
        public void message(@Nullable Object message, @Nullable StreamHandle<?> socket) {
            lines.add(Json.text(message) + (socket == null ? "" : " with " + socket.getClass().getSimpleName()));
            if (socket != null && channel != null) {
                channel.release(socket);
            }
        }

        @Override
        public void disconnected(@Nullable IOException error) {
            lines.add(error == null ? "disconnected" : error.getMessage());
        }
    }

    private static Notes channel(Loop loop, Pipe end) throws IOException {
        Notes notes = new Notes();
        notes.channel = new NodeChannel(loop, end.detach(), notes);
        return notes;
    }

    /** Returns what the parent's end hears until the child's is closed. */
    private static StringBuilder hear(Pipe parent) throws IOException {
        StringBuilder heard = new StringBuilder();
        parent.startRead((same, data, end) -> {
            if (data == null) {
                same.close();
            } else {
                heard.append(StandardCharsets.UTF_8.decode(data));
            }
        });
        return heard;
    }

    @Test
    void linesMayBeCutAnywhere(Loop loop) throws Exception {
        Pipe[] pair = Pipe.pair(loop, true);
        Notes notes = channel(loop, pair[1]);
        byte[] lines = "{\"a\":\"grün\"}\n[1]\nnull\n".getBytes(StandardCharsets.UTF_8);
        sendFrom(pair[0], lines, 0);
        loop.run();
        assertEquals(List.of("{\"a\":\"grün\"}", "[1]", "null", "disconnected"), notes.lines);
    }

    private static void sendFrom(Pipe parent, byte[] bytes, int from) {
        if (from == bytes.length) {
            parent.close();
            return;
        }
        parent.write(new byte[] {bytes[from]}, (same, error) -> {
            assertNull(error);
            sendFrom(same, bytes, from + 1);
        });
    }

    @Test
    void aHandleThatWasLostIsAskedForAgain(Loop loop) throws Exception {
        Pipe[] pair = Pipe.pair(loop, true);
        Notes notes = channel(loop, pair[1]);
        Tcp tcp = new Tcp(loop);
        tcp.bind(new InetSocketAddress("127.0.0.1", 0));
        byte[] message = JsonLines.line(Json.object("cmd", "NODE_HANDLE", "type", "net.Socket", "msg", 1));
        StringBuilder heard = hear(pair[0]);
        pair[0].write(message, (same, error) -> same.write(ByteBuffer.wrap(message), (sent, failed) -> {
            tcp.close();
            sent.shutdown();
        }, tcp));
        loop.run();
        assertEquals("{\"cmd\":\"NODE_HANDLE_NACK\"}\n{\"cmd\":\"NODE_HANDLE_ACK\"}\n", heard.toString());
        assertEquals(List.of("1 with Tcp", "disconnected"), notes.lines);
    }

    @Test
    void whatIsNoJsonIsAnErrorAndTheEnd(Loop loop) throws Exception {
        Pipe[] pair = Pipe.pair(loop, true);
        Notes notes = channel(loop, pair[1]);
        StringBuilder heard = hear(pair[0]);
        pair[0].write("{\"good\":1}\n{bad}\n".getBytes(StandardCharsets.UTF_8));
        loop.run();
        assertEquals(List.of("no JSON at 1: {bad}"), notes.lines);
        assertEquals("", heard.toString());
    }
}
