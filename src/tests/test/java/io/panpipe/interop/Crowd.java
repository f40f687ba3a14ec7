/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Panpipe's ends of many connections. Each carries one line there and back, and no line is sent or answered before all
 * connections are open, so that all are open at once.
 */
final class Crowd {

    private final Map<Pipe, StringBuilder> lines = new HashMap<>();
    private final List<Pipe> complete = new ArrayList<>();
    private final int size;
    private final boolean begins;
    private int ends;
    private int closes;

    /**
     * Makes a crowd.
     *
     * @param begins whether this side sends its line first and the peer sends it back, or the other way round
     */
    Crowd(int size, boolean begins) {
        this.size = size;
        this.begins = begins;
    }

    void connected(Pipe pipe) throws PanpipeException {
        lines.put(pipe, new StringBuilder());
        pipe.startRead(this::read);
        if (begins && lines.size() == size) {
            int number = 0;
            for (Pipe each : lines.keySet()) {
                String line = "message " + number++ + "\n";
                each.write(line.getBytes(StandardCharsets.UTF_8));
                lines.get(each).append(line);
            }
        }
    }

    private void read(Pipe pipe, @Nullable ByteBuffer data, @Nullable PanpipeException error) throws PanpipeException {
        if (error != null) {
            end(pipe, error);
            return;
        }
        String text = StandardCharsets.UTF_8.decode(data).toString();
        StringBuilder line = lines.get(pipe);
        if (begins) {
            assertEquals(text, line.substring(0, text.length()), "what was sent comes back");
            line.delete(0, text.length());
        } else {
            line.append(text);
        }
        if (begins ? line.isEmpty() : text.endsWith("\n")) {
            complete.add(pipe);
            if (complete.size() == size) {
                complete.forEach(this::answer);
            }
        }
    }

    private void answer(Pipe pipe) {
        if (begins) {
            pipe.shutdown();
        } else {
            pipe.write(lines.get(pipe).toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void end(Pipe pipe, PanpipeException error) throws PanpipeException {
        if (error.code() != ErrorCode.EOF) {
            throw error;
        }
        ends++;
        pipe.close(closed -> closes++);
    }

    void check() {
        assertEquals(size, complete.size(), "each connection carried its line");
        assertEquals(size, ends, "each connection ended once");
        assertEquals(size, closes, "each connection was closed");
    }
}
