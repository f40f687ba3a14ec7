/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** The contract on Windows, alone in its JVM, so that each test's handles can be counted to the last. */
@Tag("windows")
@Isolated
@EnabledOnOs(OS.WINDOWS)
class WindowsContractTest {

    /** Mixed into every theme. */
    interface OnWindows extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new WindowsKernelUnderTest(true);
        }
    }

    @Nested
    class Write extends WriteContract implements OnWindows {}

    @Nested
    class WriteData extends WriteDataContract implements OnWindows {}

    @Nested
    class SmallWrites extends SmallWritesContract implements OnWindows {}

    @Nested
    class Read extends ReadContract implements OnWindows {}

    @Nested
    class NoHalfClose extends NoHalfCloseContract implements OnWindows {}

    @Nested
    class Close extends CloseContract implements OnWindows {}

    @Nested
    class Connect extends ConnectContract implements OnWindows {}

    @Nested
    class Server extends ServerContract implements OnWindows {}

    @Nested
    class Bind extends BindContract implements OnWindows {}

    @Nested
    class Names extends NamesContract implements OnWindows {}

    @Nested
    class WindowsNames extends WindowsNamesContract implements OnWindows {}

    @Nested
    class Backpressure extends BackpressureContract implements OnWindows {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements OnWindows {}

    @Nested
    class PipeTo extends PipeToContract implements OnWindows {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements OnWindows {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements OnWindows {}

    @Nested
    class Detach extends DetachContract implements OnWindows {}

    @Nested
    class Timer extends TimerContract implements OnWindows {}

    @Nested
    class Async extends AsyncContract implements OnWindows {}

    @Nested
    class Signals extends SignalContract implements OnWindows {}

    @Nested
    class Loop extends LoopContract implements OnWindows {}

    @Nested
    class Tasks extends TasksContract implements OnWindows {}

    @Nested
    class Ownership extends OwnershipContract implements OnWindows {}

    @Nested
    class Exceptions extends ExceptionsContract implements OnWindows {}

    @Nested
    class Errors extends ErrorsContract implements OnWindows {}

    @Nested
    class Handle extends HandleContract implements OnWindows {}
}
