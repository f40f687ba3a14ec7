/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.ReadCallback;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a measurement: a message goes out, its echo comes back and is compared, and the next one goes out,
 * all without making an object.
 */
final class BenchConnection implements ReadCallback<StreamHandle<?>>, StreamCallback<StreamHandle<?>> {

    private final Session session;
    private final TrafficLine traffic;
    private final Histogram latencies;
    private final int number;
    private final int size;
    private final ByteBuffer message;
    private final ByteBuffer expected;
    private @Nullable StreamHandle<?> pipe;
    private long sequence;
    private int received;
    private boolean written;
    private long sentAt;

    BenchConnection(Session session, TrafficLine traffic, Histogram latencies, int size, int number) {
        this.session = session;
        this.traffic = traffic;
        this.latencies = latencies;
        this.number = number;
        this.size = size;
        message = ByteBuffer.allocateDirect(size);
        for (int i = 0; i < size; i++) {
            message.put(i, (byte) (i + number));
        }
        // The same bytes; what is written must keep its position and limit.
        expected = message.duplicate();
    }

    void connected(StreamHandle<?> connection) {
        pipe = connection;
    }

    void begin() throws PanpipeException {
        StreamHandle<?> present = pipe;
        if (present != null) {
            present.startRead(this);
            send(present);
        }
    }

    private void send(StreamHandle<?> present) {
        sequence++;
        // Each message differs from the one before, so that a stale echo is noticed.
        if (size >= Long.BYTES) {
            message.putLong(0, sequence);
        } else {
            message.put(0, (byte) sequence);
        }
        received = 0;
        written = false;
        sentAt = System.nanoTime();
        present.write(message, this);
    }

    /** Something was read. */
    @Override
    public void call(StreamHandle<?> source, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data == null) {
            fail(error);
            return;
        }
        int count = data.remaining();
        traffic.received(count);
        if (count > size - received) {
            session.fail(new IOException("connection " + number + ": more came back than was sent"));
            return;
        }
        expected.limit(received + count).position(received);
        int difference = expected.mismatch(data);
        if (difference >= 0) {
            session.fail(new IOException("connection " + number + ": what came back is no echo: byte "
                    + (received + difference) + " of message " + sequence + " differs"));
            return;
        }
        received += count;
        nextIfDone(source);
    }

    /** The message was written. */
    @Override
    public void call(StreamHandle<?> sink, @Nullable PanpipeException error) {
        if (error == null) {
            written = true;
            traffic.sent(size);
            nextIfDone(sink);
        } else if (error.code() != ErrorCode.ECANCELED) {
            fail(error);
        }
    }

    /** The buffer may be changed once it was written, which is told after the echo when both come in one turn. */
    private void nextIfDone(StreamHandle<?> present) {
        if (written && received == size) {
            latencies.record(System.nanoTime() - sentAt);
            send(present);
        }
    }

    private void fail(@Nullable PanpipeException error) {
        if (error == null || error.code() == ErrorCode.EOF) {
            session.fail(new IOException("connection " + number + ": the server has closed the connection"));
        } else {
            session.fail(error);
        }
    }
}
