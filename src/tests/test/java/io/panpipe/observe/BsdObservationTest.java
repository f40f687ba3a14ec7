/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import io.panpipe.contract.BsdKernelUnderTest;
import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.KernelSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Isolated;

/** What can be observed on macOS, or on the double of its C library. */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isThere")
@Isolated
class BsdObservationTest {

    /** Mixed into every theme. */
    interface OnBsd extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new BsdKernelUnderTest();
        }
    }

    @Nested
    class Events extends EventsContract implements OnBsd {}

    @Nested
    class Dump extends DumpContract implements OnBsd {}

    @Nested
    class ForgottenHandles extends ForgottenHandleContract implements OnBsd {}

    @Nested
    class UserLog extends UserLogContract implements OnBsd {}
}
