/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The JDK's channels and selector: small writes are made each by itself, or copied together and sent as one. */
final class ChannelPair implements StreamPair {

    private static final int READ_SIZE = 64 * 1024;

    private final Selector selector = Selector.open();
    private final SocketChannel near;
    private final SocketChannel far;
    private final boolean burst;
    private final boolean copying;
    private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_SIZE);
    private final ByteBuffer small = ByteBuffer.allocateDirect(BURST_SIZE);
    /** What was copied and is not sent yet; empty at first. */
    private final ByteBuffer together =
            ByteBuffer.allocateDirect(BURST_WRITES * BURST_SIZE).limit(0);
    private final ByteBuffer input = ByteBuffer.allocateDirect(READ_SIZE);
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private int missing;
    private int writes;
    private int left;

    ChannelPair(boolean burst, boolean copying) throws IOException {
        this.burst = burst;
        this.copying = copying;
        Path directory = Files.createTempDirectory("pair");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            near = SocketChannel.open(address);
            far = server.accept();
        } finally {
            Files.deleteIfExists(address.getPath());
            Files.delete(directory);
        }
        for (SocketChannel channel : new SocketChannel[] {near, far}) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void dispatch(SelectionKey key) {
        try {
            if (key.channel() == near) {
                received(near.read(input.clear()));
            } else if (!burst) {
                far.read(input.clear());
                far.write(input.flip());
            } else {
                if (key.isReadable()) {
                    writes += far.read(input.clear()) / MESSAGE_SIZE * BURST_WRITES;
                }
                if (copying) {
                    answerTogether(key);
                } else {
                    answer(key);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void answer(SelectionKey key) throws IOException {
        for (; writes > 0; writes--) {
            far.write(small.clear());
            if (small.hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE);
                return;
            }
        }
        key.interestOps(SelectionKey.OP_READ);
    }

    private void answerTogether(SelectionKey key) throws IOException {
        while (writes > 0 || together.hasRemaining()) {
            if (!together.hasRemaining()) {
                together.clear();
                for (int i = 0; i < BURST_WRITES; i++) {
                    together.put(small.clear());
                }
                together.flip();
                writes -= BURST_WRITES;
            }
            far.write(together);
            if (together.hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE);
                return;
            }
        }
        key.interestOps(SelectionKey.OP_READ);
    }

    private void received(int count) throws IOException {
        missing -= count;
        if (missing > 0) {
            return;
        }
        left--;
        if (left > 0) {
            send();
        }
    }

    private void send() throws IOException {
        missing = burst ? BURST_WRITES * BURST_SIZE : MESSAGE_SIZE;
        near.write(message.clear());
    }

    @Override
    public void roundTrips(int count) throws IOException {
        left = count;
        send();
        while (left > 0) {
            selector.select(dispatch);
        }
    }

    @Override
    public void end() throws IOException {
        near.close();
        far.close();
        selector.close();
    }
}
