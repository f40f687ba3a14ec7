/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.util.function.Function;

/** A server, whatever kind of stream its clients are. */
final class Server<S extends StreamHandle<S>> {

    private final S listener;
    private final Function<Loop, S> maker;

    /**
     * Makes one of a handle that is bound.
     *
     * @param maker makes the handle of a client
     */
    Server(S listener, Function<Loop, S> maker) {
        this.listener = listener;
        this.maker = maker;
    }

    /** Listens; see {@link ListenOptions#announce}. */
    void listen(Session session, int backlog, ListenOptions.ListenerCallback callback) throws PanpipeException {
        listener.listen((handle, error) -> {
            if (error == null) {
                callback.announced(this);
            } else {
                session.messages().error("", error);
            }
        }, backlog);
    }

    /** Takes the client that was announced. */
    StreamHandle<?> accept() throws PanpipeException {
        S client = maker.apply(listener.loop());
        try {
            listener.accept(client);
            StreamHandle<?> accepted = client;
            if (accepted instanceof Tcp tcp) {
                // Pieces are passed on as they come: nobody is to wait for what has arrived here.
                tcp.noDelay(true);
            }
        } catch (PanpipeException refused) {
            client.close();
            throw refused;
        }
        return client;
    }

    void close() {
        listener.close();
    }
}
