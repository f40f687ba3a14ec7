/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.util.List;

/**
 * Measures servers in one work, in rounds: in each of them every server has a short turn, and each round begins with
 * another one, so that what disturbs the machine for a while disturbs all of them alike.
 */
final class Rounds {

    private final Environment environment;
    private final Plan plan;
    private final Data data;

    Rounds(Environment environment, Plan plan, Data data) {
        this.environment = environment;
        this.plan = plan;
        this.data = data;
    }

    /** Starts servers, measures them, and ends them. */
    void measure(Work work, List<Contestant> contestants) throws IOException, InterruptedException {
        try (ServerPool servers = new ServerPool(environment, List.of())) {
            run(work, servers.get(contestants));
        }
    }

    /** Measures servers that run already. */
    void run(Work work, List<RunningServer> servers) throws IOException, InterruptedException {
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
    }

    private void turn(Work work, RunningServer server, int round) throws IOException, InterruptedException {
        String[] more = plan.smoke() ? new String[] {"--verify"} : new String[0];
        Measurement m = server.measure(work.load(), plan.seconds(), more);
        double count = work.unit().count(m);
        String name = server.contestant().name();
        if (count <= 0) {
            if (plan.smoke()) {
                // A cold JVM on a busy machine. The load has had an answer, or it would have failed.
                return;
            }
            throw new IOException(name + " did nothing for " + plan.seconds() + " s");
        }
        data.add(Section.WORKS, work.name(), name, round, Metric.CPU, m.cpuNanos() / count);
        data.add(Section.WORKS, work.name(), name, round, Metric.RATE, count / m.seconds());
        m.latencies().forEach((key, value) -> data.add(Section.WORKS, work.name(), name, round, key, value));
    }
}
