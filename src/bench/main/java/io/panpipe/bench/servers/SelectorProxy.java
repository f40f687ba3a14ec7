/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One side of a proxied conversation: what it reads, the other side sends. */
final class SelectorProxy extends SelectorConnection {

    private SelectorProxy other = this;
    private boolean ended;

    private SelectorProxy(SelectorServer server, SocketChannel channel) throws IOException {
        super(server, channel);
    }

    static SelectorConnection connect(SelectorServer server, SocketChannel client) throws IOException {
        SelectorProxy near = new SelectorProxy(server, client);
        try {
            SelectorProxy far = new SelectorProxy(server, server.connectUpstream());
            near.other = far;
            far.other = near;
        } catch (IOException refused) {
            client.close();
            throw refused;
        }
        return near;
    }

    @Override
    void readable() throws IOException {
        ByteBuffer data = server.input();
        if (channel.read(data) < 0) {
            end();
        } else if (!other.send(data.flip())) {
            removeInterest(SelectionKey.OP_READ);
            other.addInterest(SelectionKey.OP_WRITE);
        }
    }

    /** Passes the end on; all that came before it is sent, or this side would not read. */
    private void end() throws IOException {
        ended = true;
        removeInterest(SelectionKey.OP_READ);
        if (other.ended) {
            close();
        } else {
            other.channel.shutdownOutput();
        }
    }

    @Override
    void drained() {
        removeInterest(SelectionKey.OP_WRITE);
        other.addInterest(SelectionKey.OP_READ);
    }

    @Override
    void close() {
        super.close();
        if (other.channel.isOpen()) {
            other.close();
        }
    }
}
