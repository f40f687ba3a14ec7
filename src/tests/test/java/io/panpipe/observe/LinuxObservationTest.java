/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.KernelSource;
import io.panpipe.contract.LinuxKernelUnderTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What can be observed on Linux. */
@EnabledOnOs(OS.LINUX)
class LinuxObservationTest {

    /** Mixed into every theme. */
    interface OnLinux extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new LinuxKernelUnderTest(false);
        }
    }

    @Nested
    class Events extends EventsContract implements OnLinux {}

    @Nested
    class Dump extends DumpContract implements OnLinux {}

    @Nested
    class ForgottenHandles extends ForgottenHandleContract implements OnLinux {}

    @Nested
    class UserLog extends UserLogContract implements OnLinux {}
}
