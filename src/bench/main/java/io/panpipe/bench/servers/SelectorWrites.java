/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Makes many small writes for each byte that it reads. */
final class SelectorWrites extends SelectorConnection {

    private final ByteBuffer message = ServerProcess.smallMessage();
    private long left;

    SelectorWrites(SelectorServer server, SocketChannel channel) throws IOException {
        super(server, channel);
    }

    @Override
    void readable() throws IOException {
        int count = channel.read(server.input());
        if (count < 0) {
            close();
            return;
        }
        left = (long) count * ServerProcess.SMALL_WRITES;
        writable();
        if (left > 0) {
            interest(SelectionKey.OP_WRITE);
        }
    }

    @Override
    void writable() throws IOException {
        for (; left > 0; left--) {
            channel.write(message);
            if (message.hasRemaining()) {
                return;
            }
            message.clear();
        }
        interest(SelectionKey.OP_READ);
    }
}
