/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.List;

/**
 * How long and how often is measured.
 *
 * @param rounds how often each server has its turn
 * @param seconds how long a turn is
 * @param warmUp seconds of load before the first round, for a JVM
 * @param memoryRounds how often memory is measured
 * @param startRounds how often each program is started
 * @param jmh what JMH is told
 * @param smoke whether only faults are looked for: every byte is compared, and numbers mean nothing
 */
record Plan(
        int rounds, double seconds, double warmUp, int memoryRounds, int startRounds, List<String> jmh, boolean smoke) {

    /** Seconds of load before the first round for a server that needs no compiler to warm up. */
    private static final double NATIVE_WARM_UP = 0.5;

    static final Plan FULL = new Plan(15, 0.4, 10, 3, 15, List.of(), false);
    static final Plan QUICK = new Plan(
            6, 0.2, 1, 1, 3, List.of("-f 1 -wi 2 -w 500ms -i 3 -r 500ms -e Timer".split(" ")), false);
    static final Plan SMOKE =
            new Plan(1, 0.05, 0, 1, 1, List.of("-f 0 -wi 0 -i 1 -r 10ms -p live=1000".split(" ")), true);

    /** The same with other numbers, where they are given. */
    Plan with(Integer otherRounds, Double otherSeconds, Double otherWarmUp) {
        return new Plan(
                otherRounds == null ? rounds : otherRounds,
                otherSeconds == null ? seconds : otherSeconds,
                otherWarmUp == null ? warmUp : otherWarmUp,
                memoryRounds,
                startRounds,
                jmh,
                smoke);
    }

    double warmUp(Server server) {
        return server.isJava() ? warmUp : Math.min(warmUp, NATIVE_WARM_UP);
    }
}
