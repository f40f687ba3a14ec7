/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import io.panpipe.testbed.WatchdogLimit;
import io.panpipe.testing.Simulation;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Random programs, held to what must be true of every program: no byte lost, repeated or out of order, every callback
 * once and in its turn, every handle closed, nothing left.
 *
 * <p>A million of them: {@code mvn -Pslow test -Dtest=RandomProgramTest#manyPrograms -Dpanpipe.seeds=1000000
 * -Dsurefire.timeout=7200}. One again: {@code mvn test -Dtest=RandomProgramTest#programsKeepTheRules -Dpanpipe.seed=N}.
 */
class RandomProgramTest {

    private static void run(long seed) {
        try (FaultyMachine machine = new FaultyMachine(seed)) {
            runOn(machine, seed, "programsKeepTheRules");
        }
    }

    private static void runOn(Machine machine, long seed, String test) {
        try {
            new RandomProgram(machine, seed).run();
        } catch (Throwable failure) {
            throw new AssertionError("seed " + seed + ": " + failure
                    + "\nagain with: mvn test -Dtest='RandomProgramTest#" + test + "' -Dpanpipe.seed=" + seed
                    + "\n" + machine.history(), failure);
        }
    }

    @Test
    @Tag("simulated")
    void programsKeepTheRules() {
        Simulation.seeds(1000).forEach(RandomProgramTest::run);
    }

    @Test
    @Tag("simulated")
    @Tag("slow")
    @WatchdogLimit("PT2H")
    void manyPrograms() {
        AtomicLong done = new AtomicLong();
        long begin = System.nanoTime();
        LongStream seeds = Simulation.seeds(100_000);
        seeds.parallel().forEach(seed -> {
            run(seed);
            done.incrementAndGet();
        });
        System.out.printf("%d random programs in %d s%n", done.get(), (System.nanoTime() - begin) / 1_000_000_000);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theRunningSystemKeepsThemToo() throws Exception {
        for (long seed : Simulation.seeds(60).toArray()) {
            try (RealMachine machine = new RealMachine(seed)) {
                runOn(machine, seed, "theRunningSystemKeepsThemToo");
            }
        }
    }
}
