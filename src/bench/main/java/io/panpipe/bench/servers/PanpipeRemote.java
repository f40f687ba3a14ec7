/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;

/** Sends back what it reads when a second thread says so. */
final class PanpipeRemote {

    private final Pipe connection;
    private final SecondThread second;
    private final Runnable task = this::answer;
    private final ByteBuffer answer = ByteBuffer.allocateDirect(ServerProcess.ANSWER_SIZE);
    private boolean handed;
    private boolean ended;

    PanpipeRemote(Pipe connection, SecondThread second) {
        this.connection = connection;
        this.second = second;
    }

    void start() throws PanpipeException {
        connection.startRead((pipe, data, end) -> {
            // A client that sends more without waiting for its answer is closed.
            if (data == null || data.remaining() > answer.remaining()) {
                end();
                return;
            }
            answer.put(data);
            if (!handed) {
                handed = true;
                second.answer(task);
            }
        });
    }

    private void end() {
        ended = true;
        if (handed) {
            connection.stopRead();
        } else {
            connection.close();
        }
    }

    private void answer() {
        handed = false;
        connection.write(answer.flip());
        answer.clear();
        if (ended) {
            connection.close();
        }
    }
}
