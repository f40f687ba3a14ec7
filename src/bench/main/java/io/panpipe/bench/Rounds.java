/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
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
        List<RunningServer> able = new ArrayList<>(servers);
        for (RunningServer server : servers) {
            attempt(work, server, able, () -> warmUp(work, server));
        }
        for (int i = 0; i < plan.rounds(); i++) {
            int round = i;
            List<RunningServer> order = new ArrayList<>(able);
            Collections.rotate(order, -round);
            for (RunningServer server : order) {
                attempt(work, server, able, () -> turn(work, server, round));
            }
        }
    }

    /** What puts load on a server. */
    private interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    /** Lets a server work, and leaves a peer out that cannot do it: an hour's run does not depend on the weakest. */
    private void attempt(Work work, RunningServer server, List<RunningServer> able, Attempt attempt)
            throws IOException, InterruptedException {
        try {
            attempt.run();
        } catch (IOException failed) {
            if (plan.smoke() || server.contestant().server().isIndispensable()) {
                throw failed;
            }
            String name = server.contestant().name();
            System.out.println(name + " is left out of " + work.name() + ": " + failed.getMessage());
            data.remove(Section.WORKS, work.name(), name);
            able.remove(server);
            server.abandon();
        }
    }

    private void warmUp(Work work, RunningServer server) throws IOException, InterruptedException {
        double warmUp = plan.warmUp(server.contestant().server());
        if (warmUp > 0) {
            server.measure(work.load(), warmUp, "--verify");
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
