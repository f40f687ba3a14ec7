/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.List;

/**
 * How long and how often is measured. The whole is meant to take an hour at most on two processors, of which the works
 * take two thirds.
 *
 * @param rounds how many rounds of a work count: nine are the fewest of which the interval is not the whole range
 * @param seconds how long a turn is
 * @param mostDiscarded how many rounds more a work may have until its servers are level
 * @param warmUpTurns how many turns a JVM has before the first round
 * @param warmUpSeconds how long those are
 * @param memoryRounds how often memory is measured
 * @param startRounds how often each program is started
 * @param jmhRounds how often JMH runs, with one fork of each benchmark
 * @param jmhSeconds how long a fork takes, about
 * @param jmh what JMH is told
 * @param smoke whether only faults are looked for: every byte is compared, and numbers mean nothing
 */
record Plan(
        int rounds,
        double seconds,
        int mostDiscarded,
        int warmUpTurns,
        double warmUpSeconds,
        int memoryRounds,
        int startRounds,
        int jmhRounds,
        double jmhSeconds,
        List<String> jmh,
        boolean smoke) {

    /** What a turn takes besides: the end of its connections, and the wait until the server is quiet. */
    private static final double TURN_OVERHEAD = 0.12;

    /** What the load does before it begins to count, as load.c has it. */
    private static final double LEAD_IN = 0.1;

    private static final double LEAD_IN_PART = 5;

    /** What a work takes besides: the start and the end of its servers. */
    private static final double WORK_OVERHEAD = 3;

    static final Plan FULL =
            new Plan(9, 1, 3, 5, 0.5, 6, 12, 6, 4.5, List.of("-f 1 -wi 3 -w 500ms -i 3 -r 500ms".split(" ")), false);
    static final Plan QUICK =
            new Plan(3, 0.2, 0, 1, 0.3, 1, 1, 1, 1.5, List.of("-f 1 -wi 1 -w 500ms -i 1 -r 500ms -e Timer".split(" ")), false);
    static final Plan SMOKE =
            new Plan(1, 0.05, 0, 0, 0, 1, 1, 1, 0.2, List.of("-f 0 -wi 0 -i 1 -r 10ms -p live=1000".split(" ")), true);

    /** The same with other numbers, where they are given. */
    Plan with(Integer otherRounds, Double otherSeconds, Integer otherWarmUpTurns) {
        return new Plan(
                otherRounds == null ? rounds : otherRounds,
                otherSeconds == null ? seconds : otherSeconds,
                mostDiscarded,
                otherWarmUpTurns == null ? warmUpTurns : otherWarmUpTurns,
                warmUpSeconds,
                memoryRounds,
                startRounds,
                jmhRounds,
                jmhSeconds,
                jmh,
                smoke);
    }

    /** How many rounds a work may have, with those that are discarded. */
    int mostRounds() {
        return rounds + mostDiscarded;
    }

    /** A server without a compiler of its own is warm after one turn. */
    int warmUpTurns(Server server) {
        return server.isJava() ? warmUpTurns : Math.min(warmUpTurns, 1);
    }

    /** How many seconds a work will take if no round is discarded, or with as many as may be. */
    double expected(Work work, List<Server> servers, boolean longest) {
        double seconds = WORK_OVERHEAD;
        for (Contestant contestant : work.contestants(servers)) {
            seconds += warmUpTurns(contestant.server()) * turn(warmUpSeconds);
            seconds += (longest ? mostRounds() : rounds) * turn(this.seconds);
        }
        return seconds;
    }

    /** How long a turn takes in all. */
    private static double turn(double seconds) {
        return seconds + Math.min(LEAD_IN, seconds / LEAD_IN_PART) + TURN_OVERHEAD;
    }
}
