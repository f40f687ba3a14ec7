/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Writes without end, until the client is gone. */
final class SelectorSource extends SelectorConnection {

    /** So many writes, and it is another connection's turn. */
    private static final int MOST_WRITES = 16;

    private final ByteBuffer block;

    SelectorSource(SelectorServer server, SocketChannel channel) throws IOException {
        super(server, channel);
        block = ByteBuffer.allocateDirect(ServerProcess.READ_SIZE);
        interest(SelectionKey.OP_WRITE);
    }

    @Override
    void readable() {
        throw new IllegalStateException("nobody asked");
    }

    @Override
    void writable() throws IOException {
        for (int i = 0; i < MOST_WRITES; i++) {
            channel.write(block);
            if (block.hasRemaining()) {
                return;
            }
            block.clear();
        }
    }
}
