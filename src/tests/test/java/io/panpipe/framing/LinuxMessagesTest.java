/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.LinuxKernelUnderTest;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Messages on Linux. */
@EnabledOnOs(OS.LINUX)
class LinuxMessagesTest extends MessagesContract {

    @Override
    public ContractKernel newKernel() {
        return new LinuxKernelUnderTest(false);
    }
}
