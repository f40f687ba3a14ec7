/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.framing.MessageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Answers each request of a {@link RequestClient} with what a function makes of it. */
public final class RequestServer implements AutoCloseable {

    private final Loop loop;
    private final Pipe pipe;
    private final UnaryOperator<byte[]> function;

    public RequestServer(Loop loop, String name, UnaryOperator<byte[]> function) throws PanpipeException {
        this.loop = loop;
        this.function = function;
        pipe = new Pipe(loop);
        pipe.bind(name);
        pipe.listen((server, error) -> {
            if (error == null) {
                accept();
            }
        });
    }

    private void accept() throws PanpipeException {
        Pipe connection = new Pipe(loop);
        pipe.accept(connection);
        MessageReader.start(connection, Frames.FRAMES, Integer.BYTES + Frames.LONGEST, this::read);
    }

    private void read(Pipe connection, @Nullable ByteBuffer frame, @Nullable IOException end) {
        if (frame == null) {
            // Closing at once would throw away answers that are under way.
            connection.shutdown((answered, error) -> answered.close());
        } else {
            connection.write(Frames.frame(frame.getInt(), function.apply(Frames.body(frame))));
        }
    }

    @Override
    public void close() {
        pipe.close();
    }
}
