/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.panpipe.Signal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Signals to one process of a machine. */
@Tag("simulated")
class SignalTest {

    private static void assertKilled(SimulatedProcess process) {
        assertThrows(IllegalStateException.class, process::loop);
    }

    @Test
    void aSignalThatNobodyHearsOfKills() throws Exception {
        Simulation.runOne(1, kernel -> {
            SimulatedProcess process = kernel.process("one");
            process.loop();
            process.signal(Signal.TERM);
            assertKilled(process);
            process.signal(Signal.TERM);
        });
    }

    @Test
    void aSignalThatDoesNothingByItselfDoesNothing() throws Exception {
        Simulation.runOne(1, kernel -> {
            SimulatedProcess process = kernel.process("one");
            process.signal(Signal.WINCH);
            assertNotNull(process.loop());
        });
    }

    @Test
    void onlyTheProcessThatItWasSentToHears() throws Exception {
        Simulation.runOne(1, kernel -> {
            List<String> log = new ArrayList<>();
            SimulatedProcess one = kernel.process("one");
            SimulatedProcess other = kernel.process("other");
            Signal signal = new Signal(one.loop());
            signal.start(itself -> {
                log.add("one");
                itself.close();
            }, Signal.TERM);
            Signal stranger = new Signal(other.loop());
            stranger.start(itself -> log.add("other"), Signal.TERM);
            stranger.unref();
            one.signal(Signal.TERM);
            kernel.run();
            assertEquals(List.of("one"), log);
            stranger.close();
            kernel.run();
        });
    }

    @Test
    void whatIsStoppedDoesAgainWhatItDidBefore() throws Exception {
        Simulation.runOne(1, kernel -> {
            SimulatedProcess process = kernel.process("one");
            Signal signal = new Signal(process.loop());
            signal.start(itself -> {}, Signal.TERM);
            signal.stop();
            process.signal(Signal.TERM);
            assertKilled(process);
        });
    }

    @Test
    void killIsHeardOfByNobody() throws Exception {
        Simulation.runOne(1, kernel -> {
            SimulatedProcess process = kernel.process("one");
            Signal signal = new Signal(process.loop());
            assertThrows(IllegalArgumentException.class, () -> signal.start(itself -> {}, Signal.KILL));
            process.signal(Signal.KILL);
            assertKilled(process);
        });
    }
}
