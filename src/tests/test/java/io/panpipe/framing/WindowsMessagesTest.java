/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.WindowsKernelUnderTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Messages over named pipes. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
class WindowsMessagesTest extends MessagesContract {

    @Override
    public ContractKernel newKernel() {
        return new WindowsKernelUnderTest(false);
    }
}
