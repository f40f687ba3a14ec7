/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.StreamHandle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program for every client, and sees that none outlives the command, nor what it has started while it runs itself:
 * what a shell has left behind when it ended is nobody's descendant any more.
 */
final class ExecService implements ListenOptions.ListenerCallback, ListenOptions.Acceptor {

    private final Session session;
    private final TrafficLine traffic;
    private final @Nullable HexDump dump;
    private final IdleOption idle;
    private final String command;
    private final int most;
    private final Set<ExecConnection> connections = new HashSet<>();
    private @Nullable Server<?> waiting;
    private int count;

    /**
     * Makes a service.
     *
     * @param most how many programs run at once
     */
    ExecService(
            Session session,
            TrafficLine traffic,
            @Nullable HexDump dump,
            IdleOption idle,
            String command,
            int most) {
        this.session = session;
        this.traffic = traffic;
        this.dump = dump;
        this.idle = idle;
        this.command = command;
        this.most = most;
    }

    @Override
    public void announced(Server<?> server) {
        if (connections.size() >= most) {
            // As long as it is not accepted the others wait behind it, in the system's backlog.
            waiting = server;
            session.messages().detail("a client waits, for as many programs run as may: " + most);
            return;
        }
        count++;
        ListenOptions.accept(session, server, count, this);
    }

    private void finished(ExecConnection connection) {
        connections.remove(connection);
        Server<?> server = waiting;
        if (server != null && !session.isEnding()) {
            waiting = null;
            announced(server);
        }
    }

    @Override
    public void accepted(StreamHandle<?> client, int number) throws IOException {
        ProcessBuilder program = new ProcessBuilder(OperatingSystem.CURRENT.shell(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        ClientIdentity.putInto(program.environment(), client);
        Process process = program.start();
        ExecConnection connection = new ExecConnection(session, traffic, ConnectionDump.ofServer(dump, number),
                client, number, process, this::finished);
        connections.add(connection);
        connection.start();
        idle.watch(client, () -> connection.fellSilent(idle.reason()));
    }

    /** Ends all programs, at the end of the command. */
    void endAll() {
        List<ExecConnection> left = new ArrayList<>(connections);
        left.forEach(ExecConnection::terminate);
        // One time for all of them: the JVM does not wait for ever.
        long deadline = System.nanoTime() + ExecConnection.PATIENCE.toNanos();
        left.forEach(connection -> connection.awaitExit(deadline));
    }
}
