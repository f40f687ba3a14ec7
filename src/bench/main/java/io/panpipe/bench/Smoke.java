/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** Has every server do every work for a moment, with each byte compared, and prints no number. */
final class Smoke {

    /** Nothing lives long enough for the second compiler. */
    static final List<String> JVM_OPTIONS = List.of("-XX:TieredStopAtLevel=1");

    private final Environment environment;
    private final Plan plan;
    private final PrintStream progress;

    Smoke(Environment environment, Plan plan, PrintStream progress) {
        this.environment = environment;
        this.plan = plan;
        this.progress = progress;
    }

    void run(List<Work> works, List<Server> servers) throws IOException, InterruptedException {
        Rounds rounds = new Rounds(environment, plan, new Data());
        try (ServerPool pool = new ServerPool(environment, JVM_OPTIONS)) {
            for (Work work : works) {
                List<RunningServer> running = pool.get(work.smokeContestants(servers));
                rounds.run(work.small(), running);
                List<String> names = running.stream()
                        .map(server -> server.contestant().name())
                        .toList();
                progress.println(work.name() + ": " + String.join(", ", names));
            }
        }
    }
}
