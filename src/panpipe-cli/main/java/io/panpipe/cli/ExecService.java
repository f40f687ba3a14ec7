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

/**
 * Runs a program for every client, and sees that none outlives the command, nor what it has started while it runs itself:
 * what a shell has left behind when it ended is nobody's descendant any more.
 */
final class ExecService implements ListenOptions.Acceptor {

    private final Session session;
    private final TrafficLine traffic;
    private final IdleOption idle;
    private final String command;
    private final Set<ExecConnection> connections = new HashSet<>();

    ExecService(Session session, TrafficLine traffic, IdleOption idle, String command) {
        this.session = session;
        this.traffic = traffic;
        this.idle = idle;
        this.command = command;
    }

    @Override
    public void accepted(StreamHandle<?> client, int number) throws IOException {
        Process process = new ProcessBuilder(OperatingSystem.CURRENT.shell(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ExecConnection connection = new ExecConnection(session, traffic, client, number, process, connections::remove);
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
