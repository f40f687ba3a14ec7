/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package consumer;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.util.function.Consumer;

/** Greets whoever connects, and is itself greeted. */
public final class Greeter {

    private final Loop loop;

    public Greeter(Loop loop) {
        this.loop = loop;
    }

    public void serve(String name) throws PanpipeException {
        Pipe server = new Pipe(loop);
        server.bind(name);
        server.listen((s, error) -> {
            Pipe connection = new Pipe(loop);
            s.accept(connection);
            connection.write("hello".getBytes(), (c, failed) -> c.close());
            s.close();
        });
    }

    public void greet(String name, Consumer<String> greeted) {
        StringBuilder text = new StringBuilder();
        Pipe client = new Pipe(loop);
        client.connect(name, (c, error) -> c.startRead((same, data, end) -> {
            if (data == null) {
                greeted.accept(text.toString());
                same.close();
                return;
            }
            while (data.hasRemaining()) {
                text.append((char) data.get());
            }
        }));
    }
}
