/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Copies many small writes for each byte that it reads into one buffer, and sends that. */
final class SelectorWritesCopied extends SelectorConnection {

    private final ByteBuffer message = ServerProcess.smallMessage();
    private final ByteBuffer together =
            ByteBuffer.allocateDirect(ServerProcess.SMALL_WRITES * ServerProcess.SMALL_SIZE);
    private int owed;

    SelectorWritesCopied(SelectorServer server, SocketChannel channel) throws IOException {
        super(server, channel);
    }

    @Override
    void readable() throws IOException {
        int count = channel.read(server.input());
        if (count < 0) {
            close();
            return;
        }
        owed += count;
        answer();
    }

    private void answer() throws IOException {
        for (; owed > 0; owed--) {
            together.clear();
            for (int i = 0; i < ServerProcess.SMALL_WRITES; i++) {
                together.put(message.clear());
            }
            if (!send(together.flip())) {
                owed--;
                interest(SelectionKey.OP_WRITE);
                return;
            }
        }
    }

    @Override
    void drained() {
        interest(SelectionKey.OP_READ);
        try {
            answer();
        } catch (IOException gone) {
            close();
        }
    }
}
