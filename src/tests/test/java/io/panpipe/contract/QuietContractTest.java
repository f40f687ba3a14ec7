/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contract on the simulated kernel, with nothing left to chance. */
@Tag("simulated")
class QuietContractTest {

    /** Mixed into every theme. */
    interface OnQuiet extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.quiet();
        }
    }

    @Nested
    class Write extends WriteContract implements OnQuiet {}

    @Nested
    class WriteData extends WriteDataContract implements OnQuiet {}

    @Nested
    class SmallWrites extends SmallWritesContract implements OnQuiet {}

    @Nested
    class Read extends ReadContract implements OnQuiet {}

    @Nested
    class Shutdown extends ShutdownContract implements OnQuiet {}

    @Nested
    class Signals extends SignalContract implements OnQuiet {}

    @Nested
    class Close extends CloseContract implements OnQuiet {}

    @Nested
    class Connect extends ConnectContract implements OnQuiet {}

    @Nested
    class Server extends ServerContract implements OnQuiet {}

    @Nested
    class Bind extends BindContract implements OnQuiet {}

    @Nested
    class Names extends NamesContract implements OnQuiet {}

    @Nested
    class FileNames extends FileNamesContract implements OnQuiet {}

    @Nested
    class AbstractNames extends AbstractNamesContract implements OnQuiet {}

    @Nested
    class Backpressure extends BackpressureContract implements OnQuiet {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements OnQuiet {}

    @Nested
    class PipeTo extends PipeToContract implements OnQuiet {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements OnQuiet {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements OnQuiet {}

    @Nested
    class Detach extends DetachContract implements OnQuiet {}

    @Nested
    class Timer extends TimerContract implements OnQuiet {}

    @Nested
    class Async extends AsyncContract implements OnQuiet {}

    @Nested
    class Loop extends LoopContract implements OnQuiet {}

    @Nested
    class Tasks extends TasksContract implements OnQuiet {}

    @Nested
    class Ownership extends OwnershipContract implements OnQuiet {}

    @Nested
    class Exceptions extends ExceptionsContract implements OnQuiet {}

    @Nested
    class Errors extends ErrorsContract implements OnQuiet {}

    @Nested
    class Handle extends HandleContract implements OnQuiet {}
}
