/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A write, until the system has taken all of it.
 *
 * <p>Where the system takes only a part, a copy of what follows waits in the pipe's queue, and the user's buffer is not
 * touched meanwhile. What is in that copy counts as written, also if the write is withdrawn.
 */
final class WriteOperation extends Outgoing.Step<Integer> {

    /** The most that is copied to wait in the pipe's queue. */
    private static final int COPY = 64 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Pipe pipe;
    private ByteBuffer source = NOTHING;
    private ByteBuffer copy = NOTHING;
    private int count;

    WriteOperation(Outgoing queue, Pipe pipe) {
        super(queue);
        this.pipe = pipe;
    }

    /** Says what is to be written; its position moves with what is. */
    void prepare(ByteBuffer data) {
        source = data;
        count = 0;
    }

    /** Forgets the buffer, which is the user's again. */
    void forget() {
        source = NOTHING;
        copy = NOTHING;
    }

    int count() {
        return count;
    }

    @Override
    boolean proceed() throws PanpipeException {
        if (!take()) {
            return true;
        }
        if (pipe.closed()) {
            finish(new AsynchronousCloseException());
            return true;
        }
        if (queue().isShutDown()) {
            finish(new ClosedChannelException());
            return true;
        }
        if (!tryWrite()) {
            enqueue();
            return false;
        }
        if (pipe.writeQueueSize() > 0) {
            // In flight: a close would still cancel it. A write of nothing is called back behind it.
            pipe.write(NOTHING, (same, error) -> copyWritten(error));
            putBack();
            return false;
        }
        finish(null);
        return true;
    }

    /** Writes what the system takes at once; tells whether that was all. */
    private boolean tryWrite() throws PanpipeException {
        if (!source.hasRemaining()) {
            return true;
        }
        try {
            moved(pipe.tryWrite(source));
        } catch (PanpipeException refused) {
            if (refused.code() != ErrorCode.EAGAIN) {
                throw refused;
            }
        }
        return !source.hasRemaining();
    }

    private void moved(int bytes) {
        source.position(source.position() + bytes);
        count += bytes;
    }

    private void enqueue() {
        int length = Math.min(source.remaining(), COPY);
        if (copy.capacity() < length) {
            copy = ByteBuffer.allocate(length);
        }
        copy.clear().limit(length).put(0, source, source.position(), length);
        pipe.write(copy, (same, error) -> copyWritten(error));
        moved(length);
        putBack();
    }

    private void copyWritten(@Nullable PanpipeException error) {
        if (error != null) {
            fail(pipe.closed() ? new AsynchronousCloseException() : error);
        }
        goOn();
    }

    @Override
    Integer result() {
        return count;
    }
}
