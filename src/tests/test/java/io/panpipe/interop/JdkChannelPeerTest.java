/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The JDK's own socket channels, blocking, in another thread. */
class JdkChannelPeerTest extends PeerContract {

    @Override
    Peer start(Role role, Task task) {
        return new PeerThread(new Transport(), role, task);
    }

    private static final class Transport implements PeerThread.Transport {
        @Override
        public ByteChannel connect(Path socket) throws IOException {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        }

        @Override
        public Closeable listen(Path socket) throws IOException {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        }

        @Override
        public ByteChannel accept(Closeable server) throws IOException {
            return ((ServerSocketChannel) server).accept();
        }

        @Override
        public void endOutput(ByteChannel channel) throws IOException {
            ((SocketChannel) channel).shutdownOutput();
        }
    }
}
