/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.PanpipeException;
import io.panpipe.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One client of the proxy and its server: two directions, each of which ends by itself.
 *
 * <p>When one side takes no more, the other direction still runs to its end, for a server may answer and close without
 * having read everything. When one side cannot be read, both are closed: there is nobody left to answer to.
 */
final class ProxyConnection {

    private final Session session;
    private final TrafficLine traffic;
    private final ConnectionDump dump;
    private final IdleOption idle;
    private final StreamHandle<?> client;
    private final int number;
    private @Nullable StreamHandle<?> server;
    private int directions = 2;
    private long unsent;

    ProxyConnection(
            Session session,
            TrafficLine traffic,
            ConnectionDump dump,
            IdleOption idle,
            StreamHandle<?> client,
            int number) {
        this.session = session;
        this.traffic = traffic;
        this.dump = dump;
        this.idle = idle;
        this.client = client;
        this.number = number;
    }

    /** There is no server for this client. */
    void notConnected(IOException error) {
        dump.event("not connected");
        ListenOptions.tell(session, number, error);
        close();
    }

    /** The server is there. */
    void connected(StreamHandle<?> to) {
        server = to;
        dump.event("connected");
        idle.watch(client, this::clientIsIdle);
        try {
            Copy.start(client, to, tap(true), (source, failure) -> ended(client, to, failure));
            Copy.start(to, client, tap(false), (source, failure) -> ended(to, client, failure));
        } catch (PanpipeException refused) {
            ListenOptions.tell(session, number, refused);
            close();
        }
    }

    /**
     * Makes what sees one direction, if anybody looks.
     *
     * @param toServer which one
     */
    private Copy.@Nullable Tap tap(boolean toServer) {
        if (!dump.isShown() && !traffic.isShown()) {
            return null;
        }
        return new Copy.Tap() {
            @Override
            public void data(ByteBuffer data) {
                if (toServer) {
                    dump.sent(data);
                    traffic.sent(data.remaining());
                } else {
                    dump.received(data);
                    traffic.received(data.remaining());
                }
            }

            @Override
            public void end() {
                if (toServer) {
                    dump.sentEnd();
                } else {
                    dump.receivedEnd();
                }
            }
        };
    }

    private void ended(StreamHandle<?> source, StreamHandle<?> sink, @Nullable PanpipeException error) {
        directions--;
        // Without half-close, as on Windows, a side that has ended is gone altogether, and only a close can say so.
        boolean isGone = error == null && sink.writable();
        boolean cannotRead = error != null && !source.closed() && !source.readable();
        if (error != null) {
            ListenOptions.tell(session, number, error);
        }
        if (directions == 0 || cannotRead || isGone) {
            close();
        }
    }

    /** The client sees both directions, but for what it has sent and the server still takes. */
    private void clientIsIdle() {
        StreamHandle<?> present = server;
        long left = present == null ? 0 : present.writeQueueSize();
        if (left != 0 && left != unsent) {
            unsent = left;
            idle.watch(client, this::clientIsIdle);
            return;
        }
        session.messages().detail("connection " + number + ": " + idle.reason());
        close();
    }

    private void close() {
        if (!client.closed()) {
            dump.event("closed");
            session.messages().detail("connection " + number + ": closed");
        }
        client.close();
        StreamHandle<?> present = server;
        if (present != null) {
            present.close();
        }
    }
}
