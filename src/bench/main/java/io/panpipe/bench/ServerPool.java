/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Servers that run side by side until the pool is closed; one that was asked for before is not started again. */
final class ServerPool implements AutoCloseable {

    private final Environment environment;
    private final List<String> jvmOptions;
    private final Map<Contestant, RunningServer> running = new LinkedHashMap<>();

    ServerPool(Environment environment, List<String> jvmOptions) {
        this.environment = environment;
        this.jvmOptions = jvmOptions;
    }

    /** The servers of these contestants, less those that cannot do the work; all are started at the same time. */
    List<RunningServer> get(List<Contestant> contestants) throws IOException {
        List<RunningServer> started = new ArrayList<>();
        for (Contestant contestant : contestants) {
            if (!running.containsKey(contestant)) {
                RunningServer server = RunningServer.launch(contestant, environment, jvmOptions);
                running.put(contestant, server);
                started.add(server);
            }
        }
        for (RunningServer server : started) {
            if (!server.awaitReady()) {
                running.remove(server.contestant());
            }
        }
        return contestants.stream().filter(running::containsKey).map(running::get).toList();
    }

    /** Ends all of them, side by side; the rest also if one does not end well. */
    @Override
    public void close() throws IOException {
        List<IOException> failures = new ArrayList<>();
        for (RunningServer server : running.values()) {
            try {
                server.askToEnd();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        for (RunningServer server : running.values()) {
            try {
                server.close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            IOException first = failures.get(0);
            failures.stream().skip(1).filter(other -> other != first).forEach(first::addSuppressed);
            throw first;
        }
    }
}
