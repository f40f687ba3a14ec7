/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.testbed.Python;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Channels against the JDK's socket channels and Python's sockets. */
@EnabledOnOs(OS.LINUX)
class ChannelPeersTest extends ChannelFixture {

    private static final int MUCH = 8 * 1024 * 1024;

    /** Sends what it receives back, and then a digest of it, until the end. */
    private static final String PYTHON_ECHO = """
            import hashlib, socket, sys
            peer = socket.socket(socket.AF_UNIX)
            if sys.argv[1] == "connect":
                peer.connect(sys.argv[2])
            else:
                server = socket.socket(socket.AF_UNIX)
                server.bind(sys.argv[2])
                server.listen()
                print("ready", flush=True)
                peer, _ = server.accept()
            digest = hashlib.sha256()
            while data := peer.recv(65536):
                digest.update(data)
                peer.sendall(data)
            peer.sendall(digest.hexdigest().encode())
            peer.shutdown(socket.SHUT_WR)
            peer.close()
            """;

    private static byte[] random() {
        byte[] much = new byte[MUCH];
        new Random(4).nextBytes(much);
        return much;
    }

    /** Sends much and receives it back at the same time. */
    private static byte[] exchange(PipeChannel channel, byte[] much) throws Exception {
        Running<Integer> writing = start(() -> {
            int count = channel.write(ByteBuffer.wrap(much));
            channel.shutdownOutput();
            return count;
        });
        byte[] received = channel.inputStream().readAllBytes();
        assertEquals(much.length, writing.get());
        return received;
    }

    private static void echo(SocketChannel channel) throws Exception {
        try (channel) {
            ByteBuffer buffer = ByteBuffer.allocate(50_000);
            while (channel.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
        }
    }

    @Test
    void aClientOfTheJdk() throws Exception {
        PipeServerChannel server = server();
        Running<?> peer = start(() -> {
            echo(SocketChannel.open(UnixDomainSocketAddress.of(server.localName())));
            return null;
        });
        byte[] much = random();
        try (PipeChannel channel = server.accept()) {
            assertArrayEquals(much, exchange(channel, much));
        }
        peer.get();
    }

    @Test
    void aServerOfTheJdk() throws Exception {
        String name = freshName();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(name));
            Running<?> peer = start(() -> {
                echo(server.accept());
                return null;
            });
            byte[] much = random();
            try (PipeChannel channel = PipeChannel.connect(loop, name)) {
                assertArrayEquals(much, exchange(channel, much));
            }
            peer.get();
        } finally {
            Files.deleteIfExists(Path.of(name));
        }
    }

    @Test
    void aClientInPython() throws Exception {
        PipeServerChannel server = server();
        Process python = python("connect", server.localName());
        try (PipeChannel channel = server.accept()) {
            assertEchoAndDigest(channel);
        }
        assertEnds(python);
    }

    @Test
    void aServerInPython() throws Exception {
        String name = freshName();
        Process python = python("listen", name);
        try {
            assertEquals('r', python.getInputStream().read());
            try (PipeChannel channel = PipeChannel.connect(loop, name)) {
                assertEchoAndDigest(channel);
            }
            assertEnds(python);
        } finally {
            python.destroyForcibly();
            Files.deleteIfExists(Path.of(name));
        }
    }

    private static void assertEchoAndDigest(PipeChannel channel) throws Exception {
        byte[] much = random();
        byte[] received = exchange(channel, much);
        assertEquals(MUCH + 64, received.length);
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(much));
        assertEquals(digest, new String(received, MUCH, 64, StandardCharsets.US_ASCII));
    }

    private static Process python(String role, String name) throws Exception {
        return new ProcessBuilder(Python.interpreter(), "-c", PYTHON_ECHO, role, name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void assertEnds(Process python) throws Exception {
        if (!python.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            python.destroyForcibly();
        }
        assertEquals(0, python.exitValue());
    }
}
