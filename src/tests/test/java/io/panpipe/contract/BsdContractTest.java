/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The contract on macOS, or on the double of its C library, alone in its JVM: each test ends with the descriptors that it began
 * with. The theme of abstract names is Linux's alone.
 */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isThere")
@Isolated
class BsdContractTest {

    /** Mixed into every theme. */
    interface OnBsd extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new BsdKernelUnderTest();
        }
    }

    @Nested
    class Write extends WriteContract implements OnBsd {}

    @Nested
    class WriteData extends WriteDataContract implements OnBsd {}

    @Nested
    class SmallWrites extends SmallWritesContract implements OnBsd {}

    @Nested
    class Read extends ReadContract implements OnBsd {}

    @Nested
    class Shutdown extends ShutdownContract implements OnBsd {}

    @Nested
    class Signals extends SignalContract implements OnBsd {}

    @Nested
    class Close extends CloseContract implements OnBsd {}

    @Nested
    class Connect extends ConnectContract implements OnBsd {}

    @Nested
    class Server extends ServerContract implements OnBsd {}

    @Nested
    class Bind extends BindContract implements OnBsd {}

    @Nested
    class Names extends NamesContract implements OnBsd {}

    @Nested
    class FileNames extends FileNamesContract implements OnBsd {}

    /** Also what long paths take descriptors for. Some of it looks into /proc. */
    @Nested
    @EnabledIf("io.panpipe.testbed.DarwinDouble#isDoubled")
    class Files extends LinuxFilesTest implements OnBsd {
        @Override
        public ContractKernel newKernel() {
            return OnBsd.super.newKernel();
        }
    }

    @Nested
    class Backpressure extends BackpressureContract implements OnBsd {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements OnBsd {}

    @Nested
    class PipeTo extends PipeToContract implements OnBsd {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements OnBsd {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements OnBsd {}

    @Nested
    class Detach extends DetachContract implements OnBsd {}

    @Nested
    class Timer extends TimerContract implements OnBsd {}

    @Nested
    class Async extends AsyncContract implements OnBsd {}

    @Nested
    class Loop extends LoopContract implements OnBsd {}

    @Nested
    class Tasks extends TasksContract implements OnBsd {}

    @Nested
    class Ownership extends OwnershipContract implements OnBsd {}

    @Nested
    class Exceptions extends ExceptionsContract implements OnBsd {}

    @Nested
    class Errors extends ErrorsContract implements OnBsd {}

    @Nested
    class Handle extends HandleContract implements OnBsd {}
}
