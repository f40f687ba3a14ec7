/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures servers in one work, in rounds: in each of them every server has a short turn, and each round begins with another
 * one, so that what disturbs the machine for a while disturbs all of them alike.
 */
final class Rounds {

    private final Environment environment;
    private final Plan plan;
    private final Data data;
    private final PrintStream progress;

    Rounds(Environment environment, Plan plan, Data data, PrintStream progress) {
        this.environment = environment;
        this.plan = plan;
        this.data = data;
        this.progress = progress;
    }

    void run(Work work, List<Contestant> contestants) throws IOException, InterruptedException {
        List<RunningServer> servers = new ArrayList<>();
        try {
            for (Contestant contestant : contestants) {
                try {
                    servers.add(RunningServer.start(contestant, environment));
                } catch (UnsupportedOperationException unsupported) {
                    progress.println(unsupported.getMessage());
                }
            }
            for (RunningServer server : servers) {
                double warmUp = plan.warmUp(server.contestant().server());
                if (warmUp > 0) {
                    server.measure(work.load(), warmUp, "--verify");
                }
            }
            for (int round = 0; round < plan.rounds(); round++) {
                for (int i = 0; i < servers.size(); i++) {
                    turn(work, servers.get((round + i) % servers.size()), round);
                }
            }
        } finally {
            closeAll(servers);
        }
    }

    private void turn(Work work, RunningServer server, int round) throws IOException, InterruptedException {
        String[] more = plan.smoke() ? new String[] {"--verify"} : new String[0];
        Measurement m = server.measure(work.load(), plan.seconds(), more);
        double count = work.unit().count(m);
        String name = server.contestant().name();
        if (count <= 0) {
            throw new IOException(name + " did nothing");
        }
        data.add(Section.WORKS, work.name(), name, round, Metric.CPU, m.cpuNanos() / count);
        data.add(Section.WORKS, work.name(), name, round, Metric.RATE, count / m.seconds());
        m.latencies().forEach((key, value) -> data.add(Section.WORKS, work.name(), name, round, key, value));
    }

    private static void closeAll(List<RunningServer> servers) throws IOException {
        IOException failed = null;
        for (RunningServer server : servers) {
            try {
                server.close();
            } catch (IOException e) {
                if (failed == null) {
                    failed = e;
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
