/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.windows.WindowsKernel;
import java.util.List;
import java.util.UUID;

/** The running Windows. */
public final class WindowsKernelUnderTest implements ContractKernel {

    private static final Kernel KERNEL = new WindowsKernel();

    private final String prefix = "\\\\.\\pipe\\panpipe-test-" + UUID.randomUUID() + "-";
    private int names;

    @Override
    public Kernel kernel() {
        return KERNEL;
    }

    @Override
    public String freshName() {
        return prefix + ++names;
    }

    @Override
    public boolean writesInFlight() {
        return true;
    }

    @Override
    public long manyBytes() {
        return 8_000_000;
    }

    @Override
    public boolean exists(String name) {
        return false;
    }

    @Override
    public int mode(String name) {
        return 0600;
    }

    @Override
    public void createFile(String name) {}

    @Override
    public void remove(String name) {}

    @Override
    public void leaveStale(String name) {}

    @Override
    public void beforeClose(List<Long> descriptors) {}

    @Override
    public void assertNothingLeft() {}

    @Override
    public void close() {}
}
