/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import io.panpipe.Loop;
import io.panpipe.Pipe;

/** One byte to and fro over Panpipe. */
public final class PanpipeEcho {

    private PanpipeEcho() {}

    /**
     * Echoes one byte and ends.
     *
     * @param args the path to listen at
     * @throws Exception whatever goes wrong
     */
    public static void main(String[] args) throws Exception {
        try (Loop loop = new Loop()) {
            Pipe server = new Pipe(loop);
            server.bind(args[0]);
            server.listen((s, error) -> {
                Pipe connection = new Pipe(loop);
                s.accept(connection);
                connection.startRead((c, data, end) -> {
                    if (data != null) {
                        c.write(data);
                    }
                });
            });
            Pipe client = new Pipe(loop);
            client.connect(args[0], (c, error) -> {
                c.write(new byte[1]);
                c.startRead((same, data, end) -> {
                    System.out.println("echoed");
                    loop.stop();
                });
            });
            loop.run();
        }
    }
}
