/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The side of a channel where threads read and wait, one after the other. */
final class BlockingReader {

    private final LoopChannel channel;
    private final Incoming incoming;
    private volatile long timeoutNanos = Operation.FOREVER;

    BlockingReader(LoopChannel channel, Incoming incoming) {
        this.channel = channel;
        this.incoming = incoming;
    }

    void timeout(long nanos) {
        timeoutNanos = nanos;
    }

    /** Reads into one buffer. */
    int read(ByteBuffer target) throws IOException {
        requireWritable(target);
        channel.requireWait();
        long timeout = timeoutNanos;
        long deadline = Turn.deadline(timeout);
        ReadOperation reader = incoming.lock(deadline, timeout);
        try {
            reader.prepare(target);
            return (int) read(reader, deadline, timeout);
        } finally {
            reader.forget();
            incoming.unlock();
        }
    }

    /** Reads into several buffers, one after the other. */
    long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            requireWritable(targets[i]);
        }
        channel.requireWait();
        long timeout = timeoutNanos;
        long deadline = Turn.deadline(timeout);
        ReadOperation reader = incoming.lock(deadline, timeout);
        try {
            reader.prepare(targets, offset, length);
            return read(reader, deadline, timeout);
        } finally {
            reader.forget();
            incoming.unlock();
        }
    }

    private long read(ReadOperation reader, long deadline, long timeout) throws IOException {
        channel.requireOpen();
        if (!reader.hasRoom()) {
            return 0;
        }
        boolean completed = false;
        try {
            channel.beginWait();
            long count = incoming.read(deadline, timeout);
            completed = true;
            return count;
        } finally {
            channel.endWait(completed);
        }
    }

    static void requireWritable(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("a read-only buffer cannot be read into");
        }
    }
}
