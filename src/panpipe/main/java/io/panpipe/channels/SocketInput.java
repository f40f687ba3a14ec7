/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** What a socket reads. */
final class SocketInput extends InputStream {

    private final PipeSocket socket;
    private final PipeChannel channel;

    SocketInput(PipeSocket socket, PipeChannel channel) {
        this.socket = socket;
        this.channel = channel;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        requireOpen();
        if (length == 0) {
            return 0;
        }
        try {
            return channel.read(ByteBuffer.wrap(into, offset, length));
        } catch (SocketTimeoutException late) {
            throw SocketFaults.late("Read timed out", late);
        } catch (IOException failed) {
            throw SocketFaults.of(failed);
        }
    }

    @Override
    public int available() throws IOException {
        requireOpen();
        try {
            return channel.available();
        } catch (IOException failed) {
            throw SocketFaults.of(failed);
        }
    }

    private void requireOpen() throws SocketException {
        if (socket.isClosed()) {
            throw new SocketException("Socket closed");
        }
    }

    /** Closes the socket. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
