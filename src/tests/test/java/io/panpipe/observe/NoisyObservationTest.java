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

/** What can be observed on the simulated kernel with bytes in flight, short transfers and events in any order. */
@Tag("simulated")
class NoisyObservationTest {

    private static final long SEED = 11;

    /** Mixed into every theme. */
    interface OnNoisy extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.noisy(SEED);
        }
    }

    @Nested
    class Events extends EventsContract implements OnNoisy {}

    @Nested
    class Dump extends DumpContract implements OnNoisy {}

    @Nested
    class UserLog extends UserLogContract implements OnNoisy {}
}
