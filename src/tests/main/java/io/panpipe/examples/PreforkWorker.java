/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.Tcp;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One of the processes that {@link Prefork} starts: gets the listening socket from it, and serves until it is gone. */
public final class PreforkWorker {

    private PreforkWorker() {}

    public static void main(String... args) throws IOException {
        try (Loop loop = new Loop()) {
            Pipe parent = new Pipe(loop, true);
            parent.connect(args[0], (pipe, error) -> {
                // Otherwise the parent has ended meanwhile, and so does this process.
                if (error == null) {
                    pipe.startRead2(PreforkWorker::received);
                }
            });
            loop.run();
        }
    }

    private static void received(
            Pipe parent, @Nullable ByteBuffer data, PendingType pending, @Nullable PanpipeException error)
            throws PanpipeException {
        if (error != null) {
            // The parent has ended, or wants us to.
            parent.loop().stop();
        } else if (pending == PendingType.TCP) {
            Tcp listener = new Tcp(parent.loop());
            parent.accept(listener);
            // All workers are woken for a connection, and one gets it.
            listener.listen(PreforkWorker::serve);
        }
    }

    private static void serve(Tcp listener, @Nullable PanpipeException error) throws PanpipeException {
        if (error != null) {
            // Out of descriptors: the connection waits, for us or for another worker.
            System.err.println(error.getMessage());
            return;
        }
        Tcp client = new Tcp(listener.loop());
        listener.accept(client);
        new PreforkConnection(client).start();
    }
}
