/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A channel's outgoing direction as a stream. It holds no monitor while it waits, unlike those of {@code Channels}. */
final class PipeOutputStream extends OutputStream {

    private final PipeChannel channel;

    PipeOutputStream(PipeChannel channel) {
        this.channel = channel;
    }

    @Override
    public void write(int value) throws IOException {
        channel.write(ByteBuffer.allocate(1).put(0, (byte) value));
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        channel.write(ByteBuffer.wrap(data, offset, length));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
