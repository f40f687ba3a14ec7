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

/** The contract on Linux once more, alone in its JVM, so that each test's descriptors can be counted to the last. */
@Tag("slow")
@Isolated
@EnabledOnOs(OS.LINUX)
class LinuxDescriptorsTest {

    /** Mixed into every theme. */
    interface Alone extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new LinuxKernelUnderTest(true);
        }
    }

    @Nested
    class Write extends WriteContract implements Alone {}

    @Nested
    class WriteData extends WriteDataContract implements Alone {}

    @Nested
    class SmallWrites extends SmallWritesContract implements Alone {}

    @Nested
    class Read extends ReadContract implements Alone {}

    @Nested
    class Shutdown extends ShutdownContract implements Alone {}

    @Nested
    class Close extends CloseContract implements Alone {}

    @Nested
    class Connect extends ConnectContract implements Alone {}

    @Nested
    class Server extends ServerContract implements Alone {}

    @Nested
    class Bind extends BindContract implements Alone {}

    @Nested
    class Names extends NamesContract implements Alone {}

    @Nested
    class FileNames extends FileNamesContract implements Alone {}

    @Nested
    class AbstractNames extends AbstractNamesContract implements Alone {}

    /** Also what long paths take descriptors for. */
    @Nested
    class Files extends LinuxFilesTest implements Alone {
        @Override
        public ContractKernel newKernel() {
            return Alone.super.newKernel();
        }
    }

    @Nested
    class Backpressure extends BackpressureContract implements Alone {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements Alone {}

    @Nested
    class PipeTo extends PipeToContract implements Alone {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements Alone {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements Alone {}

    @Nested
    class Detach extends DetachContract implements Alone {}

    @Nested
    class Timer extends TimerContract implements Alone {}

    @Nested
    class Async extends AsyncContract implements Alone {}

    @Nested
    class Loop extends LoopContract implements Alone {}

    @Nested
    class Tasks extends TasksContract implements Alone {}

    @Nested
    class Ownership extends OwnershipContract implements Alone {}

    @Nested
    class Exceptions extends ExceptionsContract implements Alone {}

    @Nested
    class Handle extends HandleContract implements Alone {}
}
