/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Reads and drops. */
final class SelectorSink extends SelectorConnection {

    SelectorSink(SelectorServer server, SocketChannel channel) throws IOException {
        super(server, channel);
    }

    @Override
    void readable() throws IOException {
        if (channel.read(server.input()) < 0) {
            close();
        }
    }
}
