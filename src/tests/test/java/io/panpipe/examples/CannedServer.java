/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A server for tests, of one client, that says what it was told to when it has heard what it was told to wait for. */
final class CannedServer {

    private record Step(String heard, byte[] answer, boolean last) {}

    private final Deque<Step> steps = new ArrayDeque<>();
    private final StringBuilder all = new StringBuilder();
    private final StringBuilder news = new StringBuilder();

    CannedServer(Loop loop, String name) throws PanpipeException {
        Pipe server = new Pipe(loop);
        server.bind(name);
        server.listen((same, error) -> {
            Pipe connection = new Pipe(loop);
            same.accept(connection);
            same.close();
            connection.startRead(this::read);
        });
    }

    /** Has it answer what ends in this text. */
    CannedServer answer(String heard, String answer) {
        return answer(heard, answer.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    /** Has it answer what ends in this text, and close the connection. */
    CannedServer answerAndClose(String heard, String answer) {
        return answer(heard, answer.getBytes(StandardCharsets.ISO_8859_1), true);
    }

    private CannedServer answer(String heard, byte[] answer, boolean last) {
        steps.add(new Step(heard, answer, last));
        return this;
    }

    /** Returns all it has heard, a character for each byte. */
    String heard() {
        return all.toString();
    }

    private void read(Pipe pipe, @Nullable ByteBuffer data, @Nullable PanpipeException end) {
        if (data == null) {
            pipe.close();
            return;
        }
        while (data.hasRemaining()) {
            char letter = (char) (data.get() & 0xff);
            all.append(letter);
            news.append(letter);
            if (!steps.isEmpty() && news.toString().endsWith(steps.getFirst().heard())) {
                answer(pipe, steps.removeFirst());
            }
        }
    }

    private void answer(Pipe pipe, Step step) {
        news.setLength(0);
        pipe.write(step.answer(), (written, failed) -> {
            if (step.last()) {
                pipe.close();
            }
        });
    }
}
