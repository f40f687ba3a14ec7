/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import org.jspecify.annotations.Nullable;

/** A client and its connection to the upstream server: what one sends, the other gets, until both have ended. */
final class PanpipeProxy {

    private final Pipe client;
    private final Pipe upstream;
    private boolean halfEnded;

    private PanpipeProxy(Pipe client, Pipe upstream) {
        this.client = client;
        this.upstream = upstream;
    }

    /** Connects a client to the upstream server; either by pipeTo, or by reading and writing. */
    static void start(Pipe client, String upstream, boolean byHand) {
        PanpipeProxy proxy = new PanpipeProxy(client, new Pipe(client.loop()));
        proxy.upstream.connect(upstream, (pipe, error) -> {
            if (error != null) {
                proxy.close();
            } else if (byHand) {
                proxy.copy(client, pipe);
                proxy.copy(pipe, client);
            } else {
                client.pipeTo(pipe, proxy::ended);
                pipe.pipeTo(client, proxy::ended);
            }
        });
    }

    private void copy(Pipe from, Pipe to) throws PanpipeException {
        to.onDrain(drained -> read(from, to));
        read(from, to);
    }

    private void read(Pipe from, Pipe to) throws PanpipeException {
        if (from.closed()) {
            return;
        }
        from.startRead((pipe, data, end) -> {
            if (data != null) {
                if (!to.write(data)) {
                    pipe.stopRead();
                }
            } else if (end != null && end.code() == ErrorCode.EOF) {
                to.shutdown(this::ended);
            } else {
                close();
            }
        });
    }

    private void ended(Pipe pipe, @Nullable PanpipeException error) {
        if (error != null || halfEnded) {
            close();
        }
        halfEnded = true;
    }

    private void close() {
        client.close();
        upstream.close();
    }
}
