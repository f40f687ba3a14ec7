/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.testbed.WatchdogLimit;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** libuv at the other end, as node.exe 18 and 22 have it, as server and as client. */
@WatchdogLimit("PT5M")
class NodeInteropTest extends WindowsTest {

    private static final int FIFTY_MEGABYTES = 50_000_000;
    private static final int PIECE = 100_003;
    private static final int ENDLESS = 2_000_000_000;

    @TempDir
    private Path directory;

    private final String name = freshName();
    private final MessageDigest digest = sha256();
    private long received;
    private long sent;
    private String end = "";

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError(missing);
        }
    }

    private static MessageDigest digestOf(String text) {
        MessageDigest digest = sha256();
        digest.update(bytes(text));
        return digest;
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Meets node: connects where it listens, and serves it where it connects. */
    private Node meet(int version, String nodesRole, String task, long bytes, Consumer<Pipe> connected)
            throws Exception {
        if (nodesRole.equals("listen")) {
            Node node = new Node(version, directory, nodesRole, task, name, bytes);
            connect(connected);
            return node;
        }
        Pipe server = new Pipe(loop);
        server.bind(name);
        server.listen((listener, error) -> {
            Pipe connection = new Pipe(loop, nodesRole.equals("ipc"));
            listener.accept(connection);
            listener.close();
            connected.accept(connection);
        });
        return new Node(version, directory, nodesRole, task, name, bytes);
    }

    /** Connects as soon as node listens. */
    private void connect(Consumer<Pipe> connected) {
        new Pipe(loop).connect(name, (client, error) -> {
            if (error == null) {
                connected.accept(client);
                return;
            }
            assertEquals(ErrorCode.ENOENT, error.code());
            client.close();
            new Timer(loop).start(timer -> {
                timer.close();
                connect(connected);
            }, Duration.ofMillis(20));
        });
    }

    private void read(Pipe pipe) {
        try {
            pipe.startRead((itself, data, error) -> {
                if (error != null) {
                    end = error.code().name();
                    itself.close();
                } else {
                    received += data.remaining();
                    digest.update(data);
                }
            });
        } catch (PanpipeException refused) {
            throw new AssertionError(refused);
        }
    }

    /** Writes so many bytes, a piece after the other. */
    private void write(Pipe pipe, long bytes) {
        byte[] piece = pattern((int) Math.min(PIECE, bytes - sent));
        if (piece.length == 0) {
            return;
        }
        ByteBuffer.wrap(piece).putInt(0, (int) sent);
        digest.update(piece);
        sent += piece.length;
        pipe.write(piece, (itself, error) -> {
            if (error == null) {
                write(pipe, bytes);
            } else {
                log.add("write " + error.code());
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"18, listen", "22, listen", "18, connect", "22, connect"})
    void fiftyMegabytesArriveAtNode(int version, String nodesRole) throws Exception {
        StringBuilder answer = new StringBuilder();
        try (Node node = meet(version, nodesRole, "sink", FIFTY_MEGABYTES, pipe -> {
            try {
                pipe.startRead((itself, data, error) -> {
                    if (error != null) {
                        itself.close();
                    } else {
                        answer.append(StandardCharsets.US_ASCII.decode(data));
                    }
                });
            } catch (PanpipeException refused) {
                throw new AssertionError(refused);
            }
            write(pipe, FIFTY_MEGABYTES);
        })) {
            run();
            String expected = hex(digest);
            assertEquals(expected, answer.toString());
            assertTrue(node.said().contains("received " + FIFTY_MEGABYTES + " " + expected), () -> log.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"18, listen", "22, listen", "18, connect", "22, connect"})
    void fiftyMegabytesArriveFromNode(int version, String nodesRole) throws Exception {
        try (Node node = meet(version, nodesRole, "source", FIFTY_MEGABYTES, this::read)) {
            run();
            assertEquals(FIFTY_MEGABYTES, received);
            assertEquals("EOF", end);
            List<String> said = node.said();
            assertTrue(said.contains("sent " + FIFTY_MEGABYTES + " " + hex(digest)), said::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "connect"})
    void aKilledNodeThatSendsIsTheEnd(String nodesRole) throws Exception {
        Node[] node = new Node[1];
        node[0] = meet(22, nodesRole, "source", ENDLESS, pipe -> {
            read(pipe);
            Timer killer = new Timer(loop);
            killer.start(timer -> {
                if (received > 5_000_000) {
                    node[0].kill();
                    timer.close();
                }
            }, Duration.ofMillis(10), Duration.ofMillis(10));
        });
        try {
            run();
        } finally {
            node[0].close();
        }
        assertEquals("EOF", end);
        assertTrue(received > 5_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "connect"})
    void aKilledNodeThatReceivesIsEpipe(String nodesRole) throws Exception {
        Node[] node = new Node[1];
        node[0] = meet(22, nodesRole, "sink", ENDLESS, pipe -> {
            write(pipe, ENDLESS);
            Timer killer = new Timer(loop);
            killer.start(timer -> {
                if (sent > 5_000_000) {
                    node[0].kill();
                    timer.close();
                }
            }, Duration.ofMillis(10), Duration.ofMillis(10));
        });
        try {
            run();
        } finally {
            node[0].close();
        }
        assertEquals(List.of("write EPIPE"), log);
    }

    /** A program that sends to a pipe until it is killed. */
    static final class EndlessSender {

        public static void main(String[] arguments) throws Exception {
            try (Loop loop = new Loop()) {
                connect(loop, arguments[0]);
                loop.run();
            }
        }

        /** Connects as soon as somebody listens. */
        private static void connect(Loop loop, String name) {
            new Pipe(loop).connect(name, (client, error) -> {
                if (error == null) {
                    send(client);
                } else {
                    client.close();
                    connect(loop, name);
                }
            });
        }

        private static void send(Pipe client) {
            client.write(pattern(PIECE), (itself, error) -> {
                if (error != null) {
                    throw error;
                }
                send(client);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 22})
    void nodeSeesTheEndWhenOurProcessIsKilled(int version) throws Exception {
        try (Node node = new Node(version, directory, "listen", "sink", name, ENDLESS)) {
            List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "\\bin\\java.exe"));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of(
                    "-cp", System.getProperty("java.class.path"), EndlessSender.class.getName(), name));
            Process sender = new ProcessBuilder(command)
                    .redirectErrorStream(true).redirectOutput(directory.resolve("sender").toFile()).start();
            try {
                node.awaitWord("much");
            } finally {
                sender.destroyForcibly();
            }
            assertEquals(List.of("much", "end", "close"), node.said().subList(0, 3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 22})
    void nodeSeesTheEndWhenWeClose(int version) throws Exception {
        try (Node node = meet(version, "connect", "sink", ENDLESS, pipe ->
                pipe.write(bytes("bye"), (itself, error) -> itself.close()))) {
            run();
            List<String> said = node.said();
            assertTrue(said.contains("end") && said.contains("received 3 " + hex(digestOf("bye"))), said::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 22})
    void anIpcPipeOfNodesUnderstandsOurFramesAndWeItsOwn(int version) throws Exception {
        StringBuilder answer = new StringBuilder();
        try (Node node = meet(version, "ipc", "echo", 0, pipe -> {
            try {
                pipe.startRead((itself, data, error) -> {
                    if (error != null) {
                        log.add(error.toString());
                        return;
                    }
                    answer.append(StandardCharsets.UTF_8.decode(data));
                    if (answer.length() == 5) {
                        itself.write(bytes(" again"));
                    } else if (answer.length() == 11) {
                        itself.close();
                    }
                });
            } catch (PanpipeException refused) {
                throw new AssertionError(refused);
            }
            pipe.write(bytes("hello"));
        })) {
            run();
            assertEquals("hello again", answer.toString());
            assertEquals(List.of(), log);
            assertEquals(List.of("end -4095"), node.said());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 22})
    void handlesForNodeAreEnotsupOnceItHasSpoken(int version) throws Exception {
        Pipe[] pair = Pipe.pair(loop);
        try (Node node = meet(version, "ipc", "echo", 0, pipe -> {
            pipe.write(bytes("x"));
            try {
                pipe.write(ByteBuffer.wrap(bytes("y")), (itself, error) -> {
                    log.add(error == null ? "sent" : error.code().name());
                    itself.close();
                    pair[0].close();
                    pair[1].close();
                }, pair[0]);
            } catch (PanpipeException refused) {
                throw new AssertionError(refused);
            }
        })) {
            run();
            assertEquals(List.of("ENOTSUP"), log);
            assertEquals(List.of("end -4095"), node.said());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 22})
    void aSocketThatNodeSendsIsRefused(int version) throws Exception {
        try (Node node = meet(version, "ipc", "socket", 0, pipe -> {
            pipe.write(bytes("x"));
            read(pipe);
        })) {
            run();
            assertEquals("ENOTSUP", end);
            assertTrue(node.said().contains("end -4095"));
        }
    }
}
