/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.Loop;
import io.panpipe.testing.SimulatedKernel;
import io.panpipe.testing.Simulation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Random scripts on the simulated kernel and on Linux: where the two tell different things, the simulation is wrong.
 */
@EnabledOnOs(OS.LINUX)
class ScriptComparisonTest {

    private static final int STEPS = 40;

    private record Outcome(List<String> steps, Map<String, List<String>> logs) {}

    private static Outcome onSimulated(long seed) throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Loop loop = kernel.loop();
            loop.uncaughtExceptionHandler((l, thrown) -> {
                throw new AssertionError("a callback threw " + thrown, thrown);
            });
            Script script = new Script(loop, kernel::freshName, seed);
            Map<String, List<String>> logs = script.run(STEPS);
            kernel.checkNothingLeft();
            return new Outcome(script.steps(), logs);
        }
    }

    private static Outcome onLinux(long seed) throws Exception {
        try (RealMachine machine = new RealMachine(seed)) {
            Loop loop = machine.newLoop();
            loop.uncaughtExceptionHandler((l, thrown) -> {
                throw new AssertionError("a callback threw " + thrown, thrown);
            });
            Script script = new Script(loop, machine::freshName, seed);
            Map<String, List<String>> logs = script.run(STEPS);
            machine.checkNothingLeft();
            return new Outcome(script.steps(), logs);
        }
    }

    @Test
    void bothKernelsTellTheSame() {
        Simulation.seeds(400).forEach(seed -> {
            try {
                Outcome real = onLinux(seed);
                Outcome simulated = onSimulated(seed);
                assertEquals(text(real), text(simulated));
            } catch (Exception | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure
                        + "\nagain with: mvn test -Dtest=ScriptComparisonTest -Dpanpipe.seed=" + seed, failure);
            }
        });
    }

    /** Lines, so that a difference shows where it is. */
    private static String text(Outcome outcome) {
        StringBuilder text = new StringBuilder(outcome.steps() + "\n");
        outcome.logs().forEach((pipe, log) ->
                log.forEach(line -> text.append(pipe).append(": ").append(line).append('\n')));
        return text.toString();
    }
}
