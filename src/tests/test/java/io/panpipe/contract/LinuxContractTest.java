/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The contract on Linux. */
@EnabledOnOs(OS.LINUX)
class LinuxContractTest {

    /** Mixed into every theme. */
    interface OnLinux extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new LinuxKernelUnderTest(false);
        }
    }

    @Nested
    class Write extends WriteContract implements OnLinux {}

    @Nested
    class WriteData extends WriteDataContract implements OnLinux {}

    @Nested
    class SmallWrites extends SmallWritesContract implements OnLinux {}

    @Nested
    class Read extends ReadContract implements OnLinux {}

    @Nested
    class Shutdown extends ShutdownContract implements OnLinux {}

    @Nested
    class Signals extends SignalContract implements OnLinux {}

    @Nested
    class Close extends CloseContract implements OnLinux {}

    @Nested
    class Connect extends ConnectContract implements OnLinux {}

    @Nested
    class Server extends ServerContract implements OnLinux {}

    @Nested
    class Bind extends BindContract implements OnLinux {}

    @Nested
    class Names extends NamesContract implements OnLinux {}

    @Nested
    class FileNames extends FileNamesContract implements OnLinux {}

    @Nested
    class AbstractNames extends AbstractNamesContract implements OnLinux {}

    @Nested
    class Backpressure extends BackpressureContract implements OnLinux {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements OnLinux {}

    @Nested
    class PipeTo extends PipeToContract implements OnLinux {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements OnLinux {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements OnLinux {}

    @Nested
    class Detach extends DetachContract implements OnLinux {}

    @Nested
    class Timer extends TimerContract implements OnLinux {}

    @Nested
    class Async extends AsyncContract implements OnLinux {}

    @Nested
    class Loop extends LoopContract implements OnLinux {}

    @Nested
    class Tasks extends TasksContract implements OnLinux {}

    @Nested
    class Ownership extends OwnershipContract implements OnLinux {}

    @Nested
    class Exceptions extends ExceptionsContract implements OnLinux {}

    @Nested
    class Errors extends ErrorsContract implements OnLinux {}

    @Nested
    class Handle extends HandleContract implements OnLinux {}
}
