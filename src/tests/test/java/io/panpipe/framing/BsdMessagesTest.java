/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.contract.BsdKernelUnderTest;
import io.panpipe.contract.ContractKernel;
import org.junit.jupiter.api.condition.EnabledIf;

/** Messages on macOS, or on the double of its C library. */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isThere")
class BsdMessagesTest extends MessagesContract {

    @Override
    public ContractKernel newKernel() {
        return new BsdKernelUnderTest();
    }
}
