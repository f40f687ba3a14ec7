/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One byte to and fro over channels and a selector, whoever made them. */
final class SelectorEcho {

    /** Takes the client that waits. */
    interface Acceptor {
        SocketChannel accept() throws IOException;
    }

    private final ByteBuffer one = ByteBuffer.allocateDirect(1);
    private final Selector selector;
    private final SocketChannel client;

    private SelectorEcho(Selector selector, SocketChannel client) {
        this.selector = selector;
        this.client = client;
    }

    static void run(Selector selector, SelectableChannel server, Acceptor acceptor, SocketChannel client)
            throws IOException {
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT, acceptor);
        new SelectorEcho(selector, client).run();
    }

    private void run() throws IOException {
        watch(client);
        client.write(one);
        while (true) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.attachment() instanceof Acceptor acceptor) {
                    watch(acceptor.accept());
                } else if (readOne((SocketChannel) key.channel())) {
                    return;
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private void watch(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** Returns whether the byte is back. */
    private boolean readOne(SocketChannel channel) throws IOException {
        channel.read(one.clear());
        if (channel != client) {
            channel.write(one.flip());
            return false;
        }
        System.out.println("echoed");
        return true;
    }
}
