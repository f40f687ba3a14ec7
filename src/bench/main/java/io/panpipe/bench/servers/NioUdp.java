/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** An echo over UDP with the JDK's channel. */
final class NioUdp {

    /** So many datagrams, as in libuv, and it would be another handle's turn. */
    private static final int TURN = 32;

    private final DatagramChannel channel = DatagramChannel.open();
    private final ByteBuffer data = ByteBuffer.allocateDirect(ServerProcess.READ_SIZE);

    private NioUdp() throws IOException {
        channel.configureBlocking(false);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    static void serve(ServerProcess process) throws IOException {
        NioUdp udp = new NioUdp();
        Selector selector = Selector.open();
        udp.channel.register(selector, SelectionKey.OP_READ);
        process.ready("udp", udp.channel.socket().getLocalPort());
        while (true) {
            selector.select(key -> udp.echo());
        }
    }

    private void echo() {
        try {
            for (int i = 0; i < TURN; i++) {
                SocketAddress sender = channel.receive(data.clear());
                if (sender == null) {
                    return;
                }
                if (channel.send(data.flip(), sender) == 0) {
                    throw new IOException("there is no room for a datagram");
                }
            }
        } catch (IOException failed) {
            failed.printStackTrace();
        }
    }
}
