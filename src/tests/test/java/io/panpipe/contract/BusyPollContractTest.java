/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.LoopOptions;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a loop that polls busily does just as one that sleeps: some waits end while it polls, and some when it sleeps. */
@EnabledOnOs(OS.LINUX)
class BusyPollContractTest {

    /** Mixed into the themes in which a loop waits. */
    interface OnBusyLinux extends KernelSource {
        @Override
        default ContractKernel newKernel() {
            return new LinuxKernelUnderTest(false, LoopOptions.defaults().busyPoll(Duration.ofMillis(2)));
        }
    }

    @Nested
    class Write extends WriteContract implements OnBusyLinux {}

    @Nested
    class Connect extends ConnectContract implements OnBusyLinux {}

    @Nested
    class IdleTimeout extends IdleTimeoutContract implements OnBusyLinux {}

    @Nested
    class Timer extends TimerContract implements OnBusyLinux {}

    @Nested
    class Async extends AsyncContract implements OnBusyLinux {}

    @Nested
    class Loop extends LoopContract implements OnBusyLinux {}

    @Nested
    class Tasks extends TasksContract implements OnBusyLinux {}
}
