/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.SimulatedKernelUnderTest;
import io.panpipe.internal.simulated.SimulatedKernel;
import io.panpipe.testbed.SeededRuns;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract of Tcp, Udp and passed handles on the simulated kernel that does all that a kernel may. One seed is one
 * schedule; a failure's name tells it, and {@code -Dpanpipe.seeds=1000-1999} runs others.
 */
@Tag("simulated")
@ParameterizedClass(name = "seed {0}")
@MethodSource("seeds")
class NoisyHandlesTest {

    private static long seed;

    NoisyHandlesTest(long seed) {
        assert seed == NoisyHandlesTest.seed;
    }

    static LongStream seeds() {
        return SeededRuns.seeds(3);
    }

    @BeforeParameterizedClassInvocation
    static void take(long given) {
        seed = given;
    }

    /** Mixed into every theme. */
    interface OnNoisy extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.noisy(seed);
        }

        @Override
        default long newFile(ContractKernel kernel) throws Exception {
            return ((SimulatedKernel) kernel.kernel()).openFile();
        }
    }

    @Nested
    class TcpConnections extends TcpContract implements OnNoisy {}

    @Nested
    class TcpServers extends TcpServerContract implements OnNoisy {}

    @Nested
    class UdpDatagrams extends UdpContract implements OnNoisy {}

    @Nested
    class UdpAddresses extends UdpAddressContract implements OnNoisy {}

    @Nested
    class HandlePassing extends HandlePassingContract implements OnNoisy {}

    @Nested
    class PassedKinds extends PassedKindsContract implements OnNoisy {}

    @Nested
    class HandleQueue extends HandleQueueContract implements OnNoisy {}

    @Nested
    class HandleBurst extends HandleBurstContract implements OnNoisy {}

    @Nested
    class RawHandles extends RawHandlesContract implements OnNoisy {}

    @Nested
    class LibuvIpc extends LibuvIpcContract implements OnNoisy {}
}
