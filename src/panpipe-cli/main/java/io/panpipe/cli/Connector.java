/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Connects to one address, as often as it is asked to. */
final class Connector {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);

    /** What says that there is no server, and not that it will have none of this. */
    private static final Set<ErrorCode> ABSENT = EnumSet.of(
            ErrorCode.ENOENT, ErrorCode.ECONNREFUSED, ErrorCode.EHOSTUNREACH, ErrorCode.ENETUNREACH,
            ErrorCode.ETIMEDOUT);

    private final Session session;
    private final Address to;
    private final Duration timeout;
    private final @Nullable Duration patience;
    private final @Nullable HostLookup lookup;
    private final Set<OwnEnd> ownEnds = new HashSet<>();

    /**
     * A connection of this connector's, as its other end sees it. With the port that it leads to: Linux gives the same local
     * address to connections that lead to different places.
     */
    private record OwnEnd(InetSocketAddress local, int toPort) {}

    /** Takes a connection. */
    @FunctionalInterface
    interface Connected {
        void call(StreamHandle<?> stream) throws IOException;
    }

    /**
     * Makes a connector.
     *
     * @param timeout how long a connect may take
     * @param patience how long to try again while there is no server; null for not at all
     */
    Connector(Session session, Address to, Duration timeout, @Nullable Duration patience) {
        this.session = session;
        this.to = to;
        this.timeout = timeout;
        this.patience = patience;
        lookup = to instanceof TcpAddress tcp ? new HostLookup(session, tcp) : null;
    }

    /** Connects; calls one of the two, on the loop's thread. */
    void connect(Connected connected, Consumer<IOException> failed) {
        Duration longest = patience;
        if (longest == null) {
            tryOnce(timeout, connected, failed);
        } else {
            new Waiting(longest, connected, failed).next();
        }
    }

    private void tryOnce(Duration limit, Connected connected, Consumer<IOException> failed) {
        switch (to) {
            case PipeAddress pipe -> new Pipe(session.loop()).connect(pipe.name(), limit, (stream, error) -> {
                if (error == null) {
                    connected.call(stream);
                } else {
                    stream.close();
                    failed.accept(error);
                }
            });
            case TcpAddress tcp -> tryOnce(tcp, limit, connected, failed);
        }
    }

    private void tryOnce(TcpAddress tcp, Duration limit, Connected connected, Consumer<IOException> failed) {
        HostLookup present = lookup;
        if (present != null) {
            present.ask((addresses, unknown) -> {
                if (unknown == null) {
                    new TcpAttempt(addresses, tcp.port(), limit, connected, failed).next();
                } else {
                    failed.accept(unknown);
                }
            });
        }
    }

    /** Tells whether a client that was accepted is a connection of this one: its caller would call itself. */
    boolean isOwn(Tcp client) throws PanpipeException {
        return ownEnds.contains(new OwnEnd(client.peerAddress(), client.localAddress().getPort()));
    }

    /** One connect that is tried again while there is no server. */
    private final class Waiting {

        private final Duration longest;
        private final Connected connected;
        private final Consumer<IOException> failed;
        private final Timer timer = new Timer(session.loop());
        private final long begun = System.nanoTime();
        private Duration pause = FIRST_PAUSE;

        Waiting(Duration longest, Connected connected, Consumer<IOException> failed) {
            this.longest = longest;
            this.connected = connected;
            this.failed = failed;
        }

        void next() {
            Duration left = left();
            tryOnce(timeout.compareTo(left) < 0 ? timeout : left, stream -> {
                timer.close();
                connected.call(stream);
            }, this::failed);
        }

        private Duration left() {
            Duration left = longest.minusNanos(System.nanoTime() - begun);
            return left.isNegative() ? Duration.ZERO : left;
        }

        private void failed(IOException error) {
            Duration left = left();
            if (!isAbsence(error)) {
                end(error);
            } else if (left.isZero()) {
                end(new IOException(error.getMessage() + ": no server within " + Converters.Time.text(longest), error));
            } else {
                if (pause.equals(FIRST_PAUSE)) {
                    session.messages().detail("waiting for a server: " + error.getMessage());
                }
                timer.start(due -> next(), pause.compareTo(left) < 0 ? pause : left);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }

        private void end(IOException error) {
            timer.close();
            failed.accept(error);
        }

        private static boolean isAbsence(IOException error) {
            return error instanceof PanpipeException refused
                    ? ABSENT.contains(refused.code())
                    : error.getCause() instanceof UnknownHostException;
        }
    }

    /** One connect to a host, which tries its addresses one after the other. */
    private final class TcpAttempt {

        private final Iterator<InetAddress> left;
        private final int port;
        private final Duration limit;
        private final Connected connected;
        private final Consumer<IOException> failed;
        private final long begun = System.nanoTime();

        TcpAttempt(
                List<InetAddress> addresses,
                int port,
                Duration limit,
                Connected connected,
                Consumer<IOException> failed) {
            left = addresses.iterator();
            this.port = port;
            this.limit = limit;
            this.connected = connected;
            this.failed = failed;
        }

        void next() {
            Tcp tcp = new Tcp(session.loop());
            Duration rest = limit.minusNanos(System.nanoTime() - begun);
            InetSocketAddress address = new InetSocketAddress(left.next(), port);
            tcp.connect(address, rest.isNegative() ? Duration.ZERO : rest, this::ended);
            prepare(tcp);
        }

        private void prepare(Tcp tcp) {
            try {
                // As a server does, for whoever is at the other end.
                tcp.noDelay(true);
                OwnEnd end = new OwnEnd(tcp.localAddress(), port);
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
