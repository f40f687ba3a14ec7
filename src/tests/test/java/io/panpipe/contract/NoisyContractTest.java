/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.testbed.SeededRuns;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract on the simulated kernel that does all that a kernel may: bytes in flight, connects that are pending,
 * short transfers, events in any order and without reason. One seed is one schedule; a failure's name tells it.
 */
@Tag("simulated")
@ParameterizedClass(name = "seed {0}")
@MethodSource("seeds")
class NoisyContractTest {

    private static long seed;

    NoisyContractTest(long seed) {
        assert seed == NoisyContractTest.seed;
    }

    static LongStream seeds() {
        return SeededRuns.seeds(3);
    }

    @BeforeParameterizedClassInvocation
    static void take(long given) {
        seed = given;
    }

    /** Mixed into every theme. */
    interface OnNoisy extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.noisy(seed);
        }
    }

    /** Mixed into what asks how it is without half-close. */
    interface WithoutHalfClose extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.noisyWithoutHalfClose(seed);
        }
    }

    @Nested
    class NoHalfClose extends NoHalfCloseContract implements WithoutHalfClose {}

    @Nested
    class PipeToWithoutHalfClose extends PipeToContract implements WithoutHalfClose {}

    @Nested
    class PipeToBulkWithoutHalfClose extends PipeToBulkContract implements WithoutHalfClose {}

    @Nested
    class WriteWithoutHalfClose extends WriteContract implements WithoutHalfClose {}

    @Nested
    class CloseWithoutHalfClose extends CloseContract implements WithoutHalfClose {}

    @Nested
    class Write extends WriteContract implements OnNoisy {}

    @Nested
    class WriteData extends WriteDataContract implements OnNoisy {}

    @Nested
    class SmallWrites extends SmallWritesContract implements OnNoisy {}

    @Nested
    class Read extends ReadContract implements OnNoisy {}

    @Nested
    class Shutdown extends ShutdownContract implements OnNoisy {}

    @Nested
    class Signals extends SignalContract implements OnNoisy {}

    @Nested
    class Close extends CloseContract implements OnNoisy {}

    @Nested
    class Connect extends ConnectContract implements OnNoisy {}

    @Nested
    class Server extends ServerContract implements OnNoisy {}

    @Nested
    class Bind extends BindContract implements OnNoisy {}

    @Nested
    class Names extends NamesContract implements OnNoisy {}

    @Nested
    class FileNames extends FileNamesContract implements OnNoisy {}

    @Nested
    class AbstractNames extends AbstractNamesContract implements OnNoisy {}

    @Nested
    class Backpressure extends BackpressureContract implements OnNoisy {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements OnNoisy {}

    @Nested
    class PipeTo extends PipeToContract implements OnNoisy {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements OnNoisy {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements OnNoisy {}

    @Nested
    class Detach extends DetachContract implements OnNoisy {}

    @Nested
    class Timer extends TimerContract implements OnNoisy {}

    @Nested
    class Async extends AsyncContract implements OnNoisy {}

    @Nested
    class Loop extends LoopContract implements OnNoisy {}

    @Nested
    class Tasks extends TasksContract implements OnNoisy {}

    @Nested
    class Ownership extends OwnershipContract implements OnNoisy {}

    @Nested
    class Exceptions extends ExceptionsContract implements OnNoisy {}

    @Nested
    class Errors extends ErrorsContract implements OnNoisy {}

    @Nested
    class Handle extends HandleContract implements OnNoisy {}
}
