/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Sends back what it reads, and reads no more while that does not go. */
final class SelectorEcho extends SelectorConnection {

    SelectorEcho(SelectorServer server, SocketChannel channel) throws IOException {
        super(server, channel);
    }

    @Override
    void readable() throws IOException {
        ByteBuffer data = server.input();
        if (channel.read(data) < 0) {
            close();
        } else if (!send(data.flip())) {
            interest(SelectionKey.OP_WRITE);
        }
    }
}
