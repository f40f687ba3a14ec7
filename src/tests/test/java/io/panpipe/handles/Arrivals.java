/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.HandleReadCallback;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A read callback of an IPC pipe that keeps the bytes, and has each handle taken by a test if that wants to. */
final class Arrivals implements HandleReadCallback<Pipe> {

    /** Takes the handles that wait. */
    interface Taker {

        /**
         * Called while handles wait.
         *
         * @param from where the bytes that were just read begin
         * @param to where they end
         */
        void take(Pipe pipe, PendingType type, long from, long to) throws Exception;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Taker taker;
    private PanpipeException end;

    private Arrivals(Taker taker) {
        this.taker = taker;
    }

    /** Reads, and leaves handles where they are. */
    static Arrivals at(Pipe pipe) throws PanpipeException {
        return at(pipe, null);
    }

    static Arrivals at(Pipe pipe, Taker taker) throws PanpipeException {
        Arrivals arrivals = new Arrivals(taker);
        pipe.startRead2(arrivals);
        return arrivals;
    }

    @Override
    public void call(Pipe pipe, ByteBuffer data, PendingType pending, PanpipeException error) throws Exception {
        assertNull(end, "called after the end");
        assertNotNull(pending);
        assertEquals(pipe.pendingType(), pending);
        assertEquals(pipe.pendingCount() == 0, pending == PendingType.NONE);
        if (data == null) {
            end = error;
            return;
        }
        assertNull(error, "data and an error at once");
        assertTrue(data.hasRemaining(), "a read of nothing must not show");
        long from = bytes.size();
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        bytes.writeBytes(piece);
        while (taker != null && !pipe.closed() && pipe.pendingCount() > 0) {
            int before = pipe.pendingCount();
            taker.take(pipe, pipe.pendingType(), from, bytes.size());
            if (pipe.pendingCount() == before) {
                return;
            }
        }
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    int size() {
        return bytes.size();
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Returns why reading ended, or null while it goes on. */
    ErrorCode end() {
        return end == null ? null : end.code();
    }
}
