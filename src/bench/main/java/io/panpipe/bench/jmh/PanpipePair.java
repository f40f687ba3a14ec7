/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.ReadCallback;
import java.nio.ByteBuffer;

/** Panpipe's {@code Pipe.pair}. */
final class PanpipePair implements StreamPair {

    private final Loop loop = new Loop();
    private final Pipe near;
    private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_SIZE);
    private final ByteBuffer small = ByteBuffer.allocateDirect(BURST_SIZE);
    private final int answerSize;
    private int missing;
    private int left;

    PanpipePair(boolean burst) throws PanpipeException {
        Pipe[] pair = Pipe.pair(loop);
        near = pair[0];
        answerSize = burst ? BURST_WRITES * BURST_SIZE : MESSAGE_SIZE;
        ReadCallback<Pipe> echo = (pipe, data, end) -> {
            if (data != null) {
                pipe.write(data);
            }
        };
        ReadCallback<Pipe> answer = (pipe, data, end) -> {
            for (int i = 0; data != null && i < BURST_WRITES; i++) {
                pipe.write(small);
            }
        };
        pair[1].startRead(burst ? answer : echo);
        near.startRead((pipe, data, end) -> {
            if (data != null) {
                received(data.remaining());
            }
        });
    }

    private void received(int count) {
        missing -= count;
        if (missing > 0) {
            return;
        }
        left--;
        if (left > 0) {
            send();
        } else {
            loop.stop();
        }
    }

    private void send() {
        missing = answerSize;
        near.write(message);
    }

    @Override
    public void roundTrips(int count) {
        left = count;
        send();
        loop.run();
        if (left > 0) {
            throw new IllegalStateException("the answer did not come");
        }
    }

    @Override
    public void end() {
        loop.close();
    }
}
