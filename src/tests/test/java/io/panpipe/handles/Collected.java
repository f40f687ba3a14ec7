/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.ReadCallback;
import io.panpipe.StreamHandle;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A read callback that keeps what comes from any kind of stream.
 *
 * @param <S> the kind
 */
final class Collected<S extends StreamHandle<S>> implements ReadCallback<S> {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private PanpipeException end;

    @Override
    public void call(S stream, ByteBuffer data, PanpipeException error) {
        assertNull(end, "called after the end");
        if (data == null) {
            end = error;
            return;
        }
        assertNull(error, "data and an error at once");
        assertTrue(data.hasRemaining(), "a read of nothing must not show");
        byte[] piece = new byte[data.remaining()];
        data.get(piece);
        bytes.writeBytes(piece);
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
