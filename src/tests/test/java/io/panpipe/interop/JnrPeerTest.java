/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.Tag;

/** The channels of jnr-unixsocket, blocking, in another thread. */
@Tag("slow")
class JnrPeerTest extends PeerContract {

    @Override
    Peer start(Role role, Task task) {
        return new PeerThread(new Transport(), role, task);
    }

    private static final class Transport implements PeerThread.Transport {
        @Override
        public ByteChannel connect(Path socket) throws IOException {
            return UnixSocketChannel.open(new UnixSocketAddress(socket.toFile()));
        }

        @Override
        public Closeable listen(Path socket) throws IOException {
            UnixServerSocketChannel server = UnixServerSocketChannel.open();
            server.socket().bind(new UnixSocketAddress(socket.toFile()));
            return server;
        }

        @Override
        public ByteChannel accept(Closeable server) throws IOException {
            return ((UnixServerSocketChannel) server).accept();
        }

        @Override
        public void endOutput(ByteChannel channel) throws IOException {
            ((UnixSocketChannel) channel).shutdownOutput();
        }
    }
}
