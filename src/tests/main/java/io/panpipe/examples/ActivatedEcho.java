/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.ActivatedDescriptor;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.SocketActivation;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * An echo server on the sockets that it is started with, of whatever kind. To try it:
 * {@code systemd-socket-activate -l 7777 -l /tmp/echo java ... io.panpipe.examples.ActivatedEcho}
 */
public final class ActivatedEcho {

    private ActivatedEcho() {}

    public static void main(String... args) throws IOException {
        List<ActivatedDescriptor> sockets = SocketActivation.take();
        if (sockets.isEmpty()) {
            System.err.println("started without sockets: see sd_listen_fds(3)");
            System.exit(1);
        }
        try (Loop loop = new Loop()) {
            for (ActivatedDescriptor socket : sockets) {
                Handle handle = socket.open(loop);
                switch (handle) {
                    case Tcp tcp -> serve(tcp, Tcp::new);
                    case Pipe pipe -> serve(pipe, Pipe::new);
                    default -> handle.close();
                }
                System.err.println((handle.closed() ? "not for an echo: " : "echo on ") + socket.name());
            }
            loop.run();
        }
    }

    private static <S extends StreamHandle<S>> void serve(S server, Function<Loop, S> maker) throws PanpipeException {
        server.listen((same, error) -> {
            if (error != null) {
                throw error;
            }
            S connection = maker.apply(same.loop());
            same.accept(connection);
            connection.pipeTo(connection, (done, failure) -> done.close());
        });
    }
}
