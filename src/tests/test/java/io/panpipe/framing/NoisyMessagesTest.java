/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.SimulatedKernelUnderTest;
import io.panpipe.testbed.SeededRuns;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages on the simulated kernel, which cuts streams as it likes. */
@Tag("simulated")
@ParameterizedClass(name = "seed {0}")
@MethodSource("seeds")
class NoisyMessagesTest {

    private static long seed;

    NoisyMessagesTest(long seed) {
        assert seed == NoisyMessagesTest.seed;
    }

    static LongStream seeds() {
        return SeededRuns.seeds(6);
    }

    @BeforeParameterizedClassInvocation
    static void take(long given) {
        seed = given;
    }

    @Nested
    class Messages extends MessagesContract {

        @Override
        public ContractKernel newKernel() {
            return SimulatedKernelUnderTest.noisy(seed);
        }
    }

    @Nested
    class WithoutHalfClose extends MessagesContract {

        @Override
        public ContractKernel newKernel() {
            return SimulatedKernelUnderTest.noisyWithoutHalfClose(seed);
        }
    }
}
