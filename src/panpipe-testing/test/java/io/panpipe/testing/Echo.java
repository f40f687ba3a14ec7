/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A server that sends back what it gets, and a client that notes what happens to it. */
final class Echo {

    /** What the server's listen callback was told, and what became of each connection. */
    final List<String> served = new ArrayList<>();

    /** What the client was told. */
    final List<String> log = new ArrayList<>();

    long received;
    Pipe client;
    Pipe server;

    void serve(Loop loop, String name) throws PanpipeException {
        server = new Pipe(loop);
        server.bind(name);
        server.listen((s, error) -> {
            if (error != null) {
                served.add(error.code().name());
                return;
            }
            served.add("connection");
            Pipe connection = new Pipe(loop);
            s.accept(connection);
            connection.startRead((c, data, end) -> {
                if (data != null) {
                    c.write(data, (same, failed) -> {
                        if (failed != null) {
                            served.add("write " + failed.code());
                        }
                    });
                } else {
                    served.add(end.code().name());
                    c.close();
                }
            });
        });
    }

    void connect(Loop loop, String name, byte[] data) {
        client = new Pipe(loop);
        client.connect(name, (c, error) -> {
            if (error != null) {
                log.add("connect " + error.code());
                c.close();
                return;
            }
            log.add("connected");
            c.write(data, (same, failed) -> log.add(failed == null ? "written" : "write " + failed.code()));
            c.startRead((same, bytes, end) -> read(same, bytes, end, data.length));
        });
    }

    private void read(Pipe pipe, ByteBuffer data, PanpipeException end, long expected) {
        if (data == null) {
            log.add("read " + end.code());
            pipe.close();
            return;
        }
        received += data.remaining();
        if (received == expected) {
            log.add("echoed");
            pipe.close();
        }
    }
}
