/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every subcommand that listens, and the listening itself, which outlives any failure of one client. */
final class ListenOptions {

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "0600",
            converter = Converters.Mode.class,
            description = "Permissions of the socket file (default: ${DEFAULT-VALUE}); who may write may connect.")
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
        void accepted(Pipe client, int number) throws IOException;
    }

    /** Listens, and accepts each client at once. */
    Pipe listen(Session session, String name, Acceptor acceptor) throws IOException {
        int[] count = {0};
        return announce(session, name, listener -> {
            count[0]++;
            accept(session, listener, count[0], acceptor);
        });
    }

    /** Listens, and calls back for each client that can be accepted; the next one is announced after that. */
    Pipe announce(Session session, String name, ListenerCallback callback) throws IOException {
        Pipe listener = new Pipe(session.loop());
        if (mode != null && !name.startsWith("\0")) {
            listener.permissions(mode.set());
        }
        bind(listener, name);
        listener.listen((server, error) -> {
            if (error == null) {
                callback.announced(listener);
            } else {
                session.messages().error("", error);
            }
        }, backlog);
        session.messages().detail("listening on " + PipeNames.printable(name));
        return listener;
    }

    private void bind(Pipe listener, String name) throws IOException {
        try {
            listener.bind(name, replace ? new BindOption[] {BindOption.REPLACE_STALE} : new BindOption[0]);
        } catch (PanpipeException refused) {
            String message = refused.getMessage();
            if (!message.contains(LIBRARY_REMEDY)) {
                throw refused;
            }
            throw new IOException(message.replace(LIBRARY_REMEDY, REMEDY), refused);
        }
    }

    /** Learns that a client waits. */
    @FunctionalInterface
    interface ListenerCallback {
        void announced(Pipe listener) throws IOException;
    }

    /** Accepts a client; what fails about it is told, and the others go on. */
    static void accept(Session session, Pipe listener, int number, Acceptor acceptor) {
        Pipe client = new Pipe(session.loop());
        try {
            listener.accept(client);
            if (session.messages().isVerbose()) {
                PeerCredentials peer = client.peerCredentials();
                String user = peer.sid() != null ? peer.sid() : Long.toString(peer.uid());
                session.messages().detail(
                        "connection " + number + ": from process " + peer.pid() + " of user " + user);
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
    static void tell(Session session, int number, @Nullable PanpipeException error) {
        String connection = "connection " + number;
        if (error == null || error.code() == ErrorCode.ECANCELED) {
            session.messages().detail(connection + ": closed");
        } else if (error.code() == ErrorCode.ECONNRESET || error.code() == ErrorCode.EPIPE) {
            session.messages().detail(connection + ": " + error.getMessage());
        } else {
            session.messages().error(connection, error);
        }
    }
}
