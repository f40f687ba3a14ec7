/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Sends back what it reads when a second thread says so. */
final class SelectorRemote extends SelectorConnection {

    private final SecondThread second;
    private final Runnable task = this::answer;
    private final ByteBuffer answer = ByteBuffer.allocateDirect(ServerProcess.ANSWER_SIZE);
    private boolean handed;
    private boolean ended;

    SelectorRemote(SelectorServer server, SocketChannel channel, SecondThread second) throws IOException {
        super(server, channel);
        this.second = second;
    }

    @Override
    void readable() throws IOException {
        // A client that sends more without waiting for its answer is closed.
        if (!answer.hasRemaining() || channel.read(answer) < 0) {
            end();
        } else if (!handed) {
            handed = true;
            second.answer(task);
        }
    }

    private void end() {
        ended = true;
        if (handed) {
            interest(0);
        } else {
            close();
        }
    }

    private void answer() {
        handed = false;
        try {
            if (!send(answer.flip())) {
                interest(SelectionKey.OP_WRITE);
            }
            answer.clear();
        } catch (IOException gone) {
            ended = true;
        }
        if (ended) {
            close();
        }
    }
}
