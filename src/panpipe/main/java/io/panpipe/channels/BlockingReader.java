/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.framing.Framing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
            incoming.releaseMessages();
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
            incoming.releaseMessages();
            reader.prepare(targets, offset, length);
            return read(reader, deadline, timeout);
        } finally {
            reader.forget();
            incoming.unlock();
        }
    }

    /**
     * Reads a message; the time is for all of it. A call that fails takes nothing: what has come of a message is there
     * for the next one.
     *
     * @return the message, or null at the end
     */
    byte @Nullable [] readMessage(Framing framing, int limit) throws IOException {
        Objects.requireNonNull(framing, "framing");
        channel.requireWait();
        long timeout = timeoutNanos;
        long deadline = Turn.deadline(timeout);
        ReadOperation reader = incoming.lock(deadline, timeout);
        try {
            channel.requireOpen();
            MessageInput messages = incoming.messages(framing, limit);
            try {
                return readMessage(messages, reader, deadline, timeout);
            } finally {
                messages.publish();
            }
        } finally {
            reader.forget();
            incoming.unlock();
        }
    }

    private byte @Nullable [] readMessage(MessageInput messages, ReadOperation reader, long deadline, long timeout)
            throws IOException {
        if (incoming.isShut()) {
            // Whatever has come: of bytes, too, there are none any more.
            return null;
        }
        ByteBuffer message = messages.next();
        while (message == null) {
            reader.prepare(messages.room());
            long count = read(reader, deadline, timeout);
            if (count < 0) {
                message = incoming.isShut() ? null : messages.last();
                if (message == null) {
                    return null;
                }
            } else {
                messages.hasRead((int) count);
                message = messages.next();
            }
        }
        byte[] taken = new byte[message.remaining()];
        message.get(taken);
        return taken;
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
