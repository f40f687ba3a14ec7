/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The other end of a pipe as the JDK makes it, so that the command is tested against code that is not ours. */
final class Peer {

    private Peer() {}

    static ServerSocketChannel server(Path name) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(name));
        return server;
    }

    /** Waits until somebody listens, without connecting: some servers take only one client. */
    static void awaitServer(Path name) {
        Child.await(() -> isListening(name), () -> "nobody listens on " + name);
    }

    /** Connects, as soon as somebody listens: the socket file is there a little earlier. */
    static SocketChannel client(Path name) throws IOException {
        awaitServer(name);
        return SocketChannel.open(UnixDomainSocketAddress.of(name));
    }

    private static boolean isListening(Path name) {
        try {
            // In /proc/net/unix, 00010000 are the flags of a socket that listens.
            // Names are bytes, and other tests have some that are not UTF-8.
            return Files.readAllLines(Path.of("/proc/net/unix"), StandardCharsets.ISO_8859_1).stream()
                    .anyMatch(line -> line.endsWith(" " + name) && line.contains(" 00010000 "));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static String read(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // Until all of it, or the end, has come.
            continue;
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    static String readToEnd(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        while (channel.read(bytes) >= 0) {
            all.write(bytes.array(), 0, bytes.position());
            bytes.clear();
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Sends a text, half-closes, and reads the whole answer. */
    static String ask(Path name, String text) throws IOException {
        try (SocketChannel channel = client(name)) {
            write(channel, text);
            channel.shutdownOutput();
            return readToEnd(channel);
        }
    }
}
