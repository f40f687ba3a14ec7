/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.KernelSource;
import io.panpipe.contract.SimulatedKernelUnderTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** What can be observed on the simulated kernel in which nothing is left to chance. */
@Tag("simulated")
class QuietObservationTest {

    /** Mixed into every theme. */
    interface OnQuiet extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.quiet();
        }
    }

    @Nested
    class Events extends EventsContract implements OnQuiet {}

    @Nested
    class Dump extends DumpContract implements OnQuiet {}

    @Nested
    class UserLog extends UserLogContract implements OnQuiet {}
}
