/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.ReadCallback;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A read callback that keeps what came, and checks what holds for every read callback. */
public final class Received implements ReadCallback<Pipe> {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final boolean closes;
    private final int expected;
    private PanpipeException end;
    private int calls;

    /** Prepares for a stream's all; {@code closes} says whether the pipe is closed at the end. */
    Received(boolean closes) {
        this.closes = closes;
        expected = Integer.MAX_VALUE;
    }

    /** Prepares for so many bytes, behind which the pipe is closed. */
    Received(int expected) {
        closes = true;
        this.expected = expected;
    }

    @Override
    public void call(Pipe pipe, ByteBuffer data, PanpipeException error) {
        assertNull(end, "called after the end");
        calls++;
        if (data != null) {
            assertNull(error, "data and an error at once");
            assertEquals(true, data.hasRemaining(), "a read of nothing must not show");
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            bytes.writeBytes(piece);
            if (bytes.size() >= expected) {
                pipe.close();
            }
            return;
        }
        end = error;
        if (closes) {
            pipe.close();
        }
    }

    public byte[] bytes() {
        return bytes.toByteArray();
    }

    public int size() {
        return bytes.size();
    }

    public String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Returns how often it was called. */
    public int calls() {
        return calls;
    }

    /** Returns why reading ended, or null while it goes on. */
    public ErrorCode end() {
        return end == null ? null : end.code();
    }

    public PanpipeException error() {
        return end;
    }
}
