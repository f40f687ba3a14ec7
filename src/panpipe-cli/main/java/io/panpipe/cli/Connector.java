/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Connects to one address, as often as it is asked to. */
final class Connector {

    private final Session session;
    private final Address to;
    private final Duration timeout;
    private final @Nullable HostLookup lookup;
    private final Set<InetSocketAddress> ownEnds = new HashSet<>();

    /** Takes a connection. */
    @FunctionalInterface
    interface Connected {
        void call(StreamHandle<?> stream) throws IOException;
    }

    /**
     * Makes a connector.
     *
     * @param timeout how long a connect may take
     */
    Connector(Session session, Address to, Duration timeout) {
        this.session = session;
        this.to = to;
        this.timeout = timeout;
        lookup = to instanceof TcpAddress tcp ? new HostLookup(session, tcp) : null;
    }

    /** Connects; calls one of the two, on the loop's thread. */
    void connect(Connected connected, Consumer<IOException> failed) {
        switch (to) {
            case PipeAddress pipe -> new Pipe(session.loop()).connect(pipe.name(), timeout, (stream, error) -> {
                if (error == null) {
                    connected.call(stream);
                } else {
                    stream.close();
                    failed.accept(error);
                }
            });
            case TcpAddress tcp -> connect(tcp, connected, failed);
        }
    }

    private void connect(TcpAddress tcp, Connected connected, Consumer<IOException> failed) {
        HostLookup present = lookup;
        if (present != null) {
            present.ask((addresses, unknown) -> {
                if (unknown == null) {
                    new TcpAttempt(addresses, tcp.port(), connected, failed).next();
                } else {
                    failed.accept(unknown);
                }
            });
        }
    }

    /** Tells whether a client that was accepted is a connection of this one: its caller would call itself. */
    boolean isOwn(Tcp client) throws PanpipeException {
        return ownEnds.contains(client.peerAddress());
    }

    /** One connect to a host, which tries its addresses one after the other. */
    private final class TcpAttempt {

        private final Iterator<InetAddress> left;
        private final int port;
        private final Connected connected;
        private final Consumer<IOException> failed;
        private final long begun = System.nanoTime();

        TcpAttempt(List<InetAddress> addresses, int port, Connected connected, Consumer<IOException> failed) {
            left = addresses.iterator();
            this.port = port;
            this.connected = connected;
            this.failed = failed;
        }

        void next() {
            Tcp tcp = new Tcp(session.loop());
            Duration rest = timeout.minusNanos(System.nanoTime() - begun);
            InetSocketAddress address = new InetSocketAddress(left.next(), port);
            tcp.connect(address, rest.isNegative() ? Duration.ZERO : rest, this::ended);
            prepare(tcp);
        }

        private void prepare(Tcp tcp) {
            try {
                // As a server does, for whoever is at the other end.
                tcp.noDelay(true);
                InetSocketAddress end = tcp.localAddress();
                ownEnds.add(end);
                tcp.onClose(closed -> ownEnds.remove(end));
            } catch (PanpipeException unconnected) {
                // There is no socket, or no longer one that connects: what was asked for fails, and says why.
                return;
            }
        }

        private void ended(Tcp tcp, @Nullable PanpipeException error) throws IOException {
            if (error == null) {
                connected.call(tcp);
                return;
            }
            tcp.close();
            if (left.hasNext()) {
                next();
            } else {
                failed.accept(error);
            }
        }
    }
}
