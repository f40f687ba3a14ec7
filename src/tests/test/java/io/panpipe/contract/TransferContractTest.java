/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.internal.simulated.SimulatedOptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** What is told of copying, on the simulated kernel that moves all but a first piece inside itself. */
@Tag("simulated")
class TransferContractTest {

    /** Mixed into every theme. */
    interface OnTransferring extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.quiet(SimulatedOptions.quiet().transferShare(1));
        }
    }

    @Nested
    class PipeTo extends PipeToContract implements OnTransferring {}

    @Nested
    class PipeToBulk extends PipeToBulkContract implements OnTransferring {}

    @Nested
    class AfterTrouble extends AfterTroubleContract implements OnTransferring {}
}
