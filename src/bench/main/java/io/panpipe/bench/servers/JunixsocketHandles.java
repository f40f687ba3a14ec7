/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** Sends received descriptors back, and closes its own copies. */
final class JunixsocketHandles extends SelectorConnection {

    /** Room for the descriptors of one read, in bytes of ancillary data. */
    private static final int ANCILLARY_SIZE = 1024;

    private final AFUNIXSocketChannel socket;

    JunixsocketHandles(SelectorServer server, AFUNIXSocketChannel socket) throws IOException {
        super(server, socket);
        this.socket = socket;
        socket.setAncillaryReceiveBufferSize(ANCILLARY_SIZE);
    }

    @Override
    void readable() throws IOException {
        ByteBuffer data = server.input();
        if (socket.read(data) < 0) {
            close();
            return;
        }
        for (FileDescriptor descriptor : socket.getReceivedFileDescriptors()) {
            try (FileInputStream ownCopy = new FileInputStream(descriptor)) {
                socket.setOutboundFileDescriptors(ownCopy.getFD());
                if (socket.write(data.clear().limit(1)) == 0) {
                    throw new IOException("the client does not take its descriptors back");
                }
            }
        }
    }
}
