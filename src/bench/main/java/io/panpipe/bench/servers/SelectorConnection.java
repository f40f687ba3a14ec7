/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link SelectorServer}: what is read is work, what cannot be sent at once is kept. */
abstract class SelectorConnection {

    final SelectorServer server;
    final SocketChannel channel;
    private final SelectionKey key;
    private @Nullable ByteBuffer rest;

    SelectorConnection(SelectorServer server, SocketChannel channel) throws IOException {
        this.server = server;
        this.channel = channel;
        channel.configureBlocking(false);
        key = channel.register(server.selector, SelectionKey.OP_READ, this);
    }

    /** Something can be read, or the end. */
    abstract void readable() throws IOException;

    /** There is room again after an incomplete write. */
    void writable() throws IOException {
        ByteBuffer data = rest;
        if (data == null) {
            return;
        }
        channel.write(data);
        if (!data.hasRemaining()) {
            rest = null;
            server.giveBack(data);
            drained();
        }
    }

    /** All that was kept by {@link #send} is sent. */
    void drained() {
        interest(SelectionKey.OP_READ);
    }

    final void ready() throws IOException {
        if (!key.isValid()) {
            return;
        }
        int operations = key.readyOps();
        if ((operations & SelectionKey.OP_READ) != 0) {
            readable();
        }
        if ((operations & SelectionKey.OP_WRITE) != 0 && key.isValid()) {
            writable();
        }
    }

    /** Sends, keeps what cannot be sent, and tells whether all was sent. Not to be called while something is kept. */
    final boolean send(ByteBuffer data) throws IOException {
        channel.write(data);
        if (!data.hasRemaining()) {
            return true;
        }
        rest = server.borrow().put(data).flip();
        return false;
    }

    final void interest(int operations) {
        key.interestOps(operations);
    }

    final void addInterest(int operations) {
        key.interestOps(key.interestOps() | operations);
    }

    final void removeInterest(int operations) {
        key.interestOps(key.interestOps() & ~operations);
    }

    void close() {
        if (rest != null) {
            server.giveBack(rest);
            rest = null;
        }
        try {
            channel.close();
        } catch (IOException refused) {
            System.err.println("close: " + refused);
        }
    }
}
