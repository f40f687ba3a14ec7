/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file to be written anew. What it had is gone with the first byte and not before: a command that fails earlier leaves it
 * as it was.
 */
final class FreshFile extends OutputStream {

    private final FileChannel channel;
    private boolean isFresh;

    FreshFile(Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    @Override
    public void write(int data) throws IOException {
        write(new byte[] {(byte) data}, 0, 1);
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        // A FIFO or a device has no size, and cannot be cut.
        if (!isFresh && channel.size() > 0) {
            channel.truncate(0);
        }
        isFresh = true;
        ByteBuffer bytes = ByteBuffer.wrap(data, offset, length);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
