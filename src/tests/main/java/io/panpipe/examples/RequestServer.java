/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.util.function.UnaryOperator;

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
        Frames frames = new Frames((number, body) -> connection.write(Frames.frame(number, function.apply(body))));
        connection.startRead((same, data, end) -> {
            if (data == null || !frames.take(data)) {
                // Closing at once would throw away answers that are under way.
                same.stopRead();
                same.shutdown((answered, error) -> answered.close());
            }
        });
    }

    @Override
    public void close() {
        pipe.close();
    }
}
