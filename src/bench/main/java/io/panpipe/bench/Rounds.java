/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Measures servers in one work, in rounds: in each of them every server has a short turn, and each round begins with
 * another one, so that what disturbs the machine for a while disturbs all of them alike.
 *
 * <p>What counts are the last rounds. As long as a server is not level in them, see {@link Level}, there is one more, and
 * the first is discarded; up to a limit.
 */
final class Rounds {

    private static final double NANOS_PER_SECOND = 1e9;

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
        for (int i = 0; i < plan.warmUpTurns(); i++) {
            boolean first = i == 0;
            for (RunningServer server : List.copyOf(able)) {
                if (i < plan.warmUpTurns(server.contestant().server())) {
                    attempt(work, server, able, () -> warmUp(work, server, first));
                }
            }
        }
        int round = 0;
        do {
            round(work, able, round++);
        } while (round < plan.rounds() || round < plan.mostRounds() && !unlevel(work, able, round).isEmpty());
        if (!plan.smoke()) {
            conclude(work, able, round);
        }
    }

    private void round(Work work, List<RunningServer> able, int round) throws IOException, InterruptedException {
        List<RunningServer> order = new ArrayList<>(able);
        Collections.rotate(order, -round);
        for (RunningServer server : order) {
            attempt(work, server, able, () -> turn(work, server, round));
        }
    }

    /** The servers whose last rounds are not level. */
    private List<String> unlevel(Work work, List<RunningServer> able, int rounds) {
        List<String> unlevel = new ArrayList<>();
        for (RunningServer server : able) {
            String name = server.contestant().name();
            double[] ratios = data.ratios(Section.WORKS, work.name(), name, Peers.FLOOR, Metric.CPU);
            // Where the work has no floor, or this is it, the time itself.
            double[] all = ratios.length == 0 || name.equals(Peers.FLOOR)
                    ? data.values(Section.WORKS, work.name(), name, Metric.CPU)
                    : ratios;
            double[] last = Arrays.copyOfRange(all, Math.max(0, all.length - plan.rounds()), all.length);
            if (!name.equals(Peers.FLOOR) && !Level.isLevel(last)) {
                unlevel.add(name);
            }
        }
        return unlevel;
    }

    /** Says which rounds count, and records it. */
    private void conclude(Work work, List<RunningServer> able, int rounds) {
        List<String> unlevel = unlevel(work, able, rounds);
        int discarded = rounds - plan.rounds();
        data.discard(Section.WORKS, work.name(), discarded);
        for (RunningServer server : able) {
            String name = server.contestant().name();
            int turns = plan.warmUpTurns(server.contestant().server());
            data.add(Section.WORKS, work.name(), name, 0, Metric.WARM_UP, turns);
            data.add(Section.WORKS, work.name(), name, 0, Metric.DISCARDED, discarded);
            data.add(Section.WORKS, work.name(), name, 0, Metric.LEVEL, unlevel.contains(name) ? 0 : 1);
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

    /** The first turn compares every byte. Those behind it do what the rounds will do. */
    private void warmUp(Work work, RunningServer server, boolean isFirst) throws IOException, InterruptedException {
        String[] more = isFirst ? new String[] {"--verify"} : new String[0];
        server.measure(work.load(), plan.warmUpSeconds(), more);
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
        double utilisation = m.cpuNanos() / (m.seconds() * NANOS_PER_SECOND);
        data.add(Section.WORKS, work.name(), name, round, Metric.UTILISATION, utilisation);
        m.latencies().forEach((key, value) -> data.add(Section.WORKS, work.name(), name, round, key, value));
    }
}
