/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.SimulatedKernelUnderTest;
import org.junit.jupiter.api.Tag;

/** Messages on the simulated kernel, with nothing left to chance. */
@Tag("simulated")
class QuietMessagesTest extends MessagesContract {

    @Override
    public ContractKernel newKernel() {
        return SimulatedKernelUnderTest.quiet();
    }
}
