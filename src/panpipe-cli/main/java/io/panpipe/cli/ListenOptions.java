/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every subcommand that listens, and the listening itself, which outlives any failure of one client. */
final class ListenOptions {

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            converter = Converters.Mode.class,
            description = "Permissions of the socket file (default: 0600); who may write may connect.")
    private Converters.Mode.@Nullable Permissions mode;

    @Option(names = "--replace", description = "Replace the socket file of a server that is gone.")
    private boolean replace;

    @Option(
            names = "--backlog",
            paramLabel = "N",
            defaultValue = "511",
            converter = Converters.Count.class,
            description = "How many connections may wait to be accepted (default: ${DEFAULT-VALUE}).")
    private int backlog;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** What the library advises its users, and what that is here. */
    private static final String LIBRARY_REMEDY = "bind with BindOption.REPLACE_STALE";

    private static final String REMEDY = "use --replace";

    /** Takes a client. */
    @FunctionalInterface
    interface Acceptor {

        /**
         * Serves a client that was accepted.
         *
         * @param number 1 for the first client, then 2, and so on
         * @throws IOException if it cannot be served: it is told, and the client closed
         */
        void accepted(StreamHandle<?> client, int number) throws IOException;
    }

    /** Listens, and accepts each client at once. */
    void listen(Session session, Address name, Acceptor acceptor) throws IOException {
        int[] count = {0};
        announce(session, name, server -> {
            count[0]++;
            accept(session, server, count[0], acceptor);
        });
    }

    /** Listens, and calls back for each client that can be accepted; the next one is announced after that. */
    void announce(Session session, Address name, ListenerCallback callback) throws IOException {
        switch (name) {
            case PipeAddress pipe -> {
                new Server<>(bind(session, pipe.name()), Pipe::new).listen(session, backlog, callback);
                session.messages().detail("listening on " + pipe);
            }
            case TcpAddress tcp -> {
                refuseFileOptions(tcp);
                new HostLookup(session, tcp).ask((addresses, unknown) -> {
                    try {
                        if (unknown != null) {
                            throw unknown;
                        }
                        announce(session, tcp, addresses.getFirst(), callback);
                    } catch (IOException refused) {
                        session.fail(refused);
                    }
                });
            }
        }
    }

    /** A mode that is given and means nothing would be taken for a protection. */
    private void refuseFileOptions(TcpAddress tcp) {
        if ((mode != null || replace) && spec != null) {
            throw new ParameterException(spec.commandLine(),
                    (mode != null ? "--mode" : "--replace") + " is about a socket file, and " + tcp + " has none");
        }
    }

    private void announce(Session session, TcpAddress tcp, InetAddress host, ListenerCallback callback)
            throws IOException {
        Tcp listener = new Tcp(session.loop());
        listener.bind(new InetSocketAddress(host, tcp.port()));
        String bound = TcpAddress.text(listener.localAddress());
        if (!host.isLoopbackAddress()) {
            session.messages().tell("warning: whoever can reach this machine can connect to " + bound
                    + "; a pipe is open to its owner alone, tcp:PORT to this machine");
        }
        new Server<>(listener, Tcp::new).listen(session, backlog, callback);
        String listening = "listening on " + bound;
        if (tcp.port() == 0) {
            // Nobody knows which one it is.
            session.messages().tell(listening);
        } else {
            session.messages().detail(listening);
        }
    }

    private Pipe bind(Session session, String name) throws IOException {
        Pipe listener = new Pipe(session.loop());
        if (mode != null && !name.startsWith("\0")) {
            listener.permissions(mode.set());
        }
        try {
            listener.bind(name, replace ? new BindOption[] {BindOption.REPLACE_STALE} : new BindOption[0]);
        } catch (PanpipeException refused) {
            String message = refused.getMessage();
            if (!message.contains(LIBRARY_REMEDY)) {
                throw refused;
            }
            throw new IOException(message.replace(LIBRARY_REMEDY, REMEDY), refused);
        }
        return listener;
    }

    /** Learns that a client waits. */
    @FunctionalInterface
    interface ListenerCallback {
        void announced(Server<?> server) throws IOException;
    }

    /** Accepts a client; what fails about it is told, and the others go on. */
    static void accept(Session session, Server<?> server, int number, Acceptor acceptor) {
        StreamHandle<?> client;
        try {
            client = server.accept();
        } catch (IOException refused) {
            session.messages().error("connection " + number, refused);
            return;
        }
        try {
            if (session.messages().isVerbose()) {
                session.messages().detail("connection " + number + ": from " + ClientIdentity.describe(client));
            }
            acceptor.accepted(client, number);
        } catch (IOException refused) {
            session.messages().error("connection " + number, refused);
            client.close();
        }
    }

    /**
     * Tells how a connection has ended. Closing it ourselves is no news, and a client that goes without having read
     * everything is every server's daily bread: that is for {@code --verbose}.
     */
    static void tell(Session session, int number, @Nullable IOException error) {
        String connection = "connection " + number;
        ErrorCode code = error instanceof PanpipeException known ? known.code() : null;
        if (error == null || code == ErrorCode.ECANCELED) {
            session.messages().detail(connection + ": closed");
        } else if (code == ErrorCode.ECONNRESET || code == ErrorCode.EPIPE) {
            session.messages().detail(connection + ": " + error.getMessage());
        } else {
            session.messages().error(connection, error);
        }
    }
}
