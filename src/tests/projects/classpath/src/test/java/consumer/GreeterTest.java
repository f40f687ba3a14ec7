/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.junit.FreshName;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.junit.Simulated;
import io.panpipe.junit.SimulatedTest;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PanpipeExtension.class)
class GreeterTest {

    private final List<String> greetings = new ArrayList<>();

    private void greet(Loop servers, Loop clients, String name) throws Exception {
        new Greeter(servers).serve(name);
        new Greeter(clients).greet(name, greetings::add);
    }

    @Test
    void greetsOnTheRunningSystem(Loop loop, @FreshName String name) throws Exception {
        greet(loop, loop, name);
        loop.run();
        assertEquals(List.of("hello"), greetings);
        assertFalse( Loop.class.getModule().isNamed() && Greeter.class.getModule().isNamed());
    }

    @Test
    @Simulated
    void greetsOnASimulatedMachine(Loop one, Loop other, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        greet(one, other, name);
        kernel.run();
        assertEquals(List.of("hello"), greetings);
    }

    @SimulatedTest(seeds = 200)
    void greetsWhateverTheTiming(Loop one, Loop other, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        kernel.when(Call.READ).withProbability(0.5).movesAtMost(1);
        greet(one, other, name);
        kernel.run();
        assertEquals(List.of("hello"), greetings);
        assertTrue(kernel.trace().contains(name));
    }
}
