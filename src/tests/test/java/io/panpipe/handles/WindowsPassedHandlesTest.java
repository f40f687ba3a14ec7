/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.WindowsKernelUnderTest;
import io.panpipe.windows.Win32;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The contract of passed handles on Windows. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
class WindowsPassedHandlesTest {

    /** Mixed into every theme. */
    interface OnWindows extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return new WindowsKernelUnderTest(false);
        }

        @Override
        default long newFile(ContractKernel kernel) {
            return Win32.createFile(System.getProperty("java.io.tmpdir") + "\\panpipe-" + UUID.randomUUID());
        }
    }

    @Nested
    class HandlePassing extends HandlePassingContract implements OnWindows {}

    @Nested
    class PassedKinds extends PassedKindsContract implements OnWindows {}

    @Nested
    class HandleQueue extends HandleQueueContract implements OnWindows {}

    @Nested
    class HandleBurst extends HandleBurstContract implements OnWindows {}
}
