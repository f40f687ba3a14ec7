/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import io.panpipe.contract.AsyncContract;
import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.KernelSource;
import io.panpipe.contract.OwnershipContract;
import io.panpipe.contract.PipeToContract;
import io.panpipe.contract.SimulatedKernelUnderTest;
import io.panpipe.contract.TasksContract;
import io.panpipe.contract.WriteContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Themes of the contract that lean on the JVM's threads and memory, on the simulated kernel in a JVM of Windows: where
 * they fail, Windows's own kernel is not to blame.
 */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
class SimulatedOnWindowsTest {

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
    class PipeTo extends PipeToContract implements OnQuiet {}

    @Nested
    class Tasks extends TasksContract implements OnQuiet {}

    @Nested
    class Async extends AsyncContract implements OnQuiet {}

    @Nested
    class Ownership extends OwnershipContract implements OnQuiet {}
}
