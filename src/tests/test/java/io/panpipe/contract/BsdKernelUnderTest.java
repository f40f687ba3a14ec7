/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.ErrorCode;
import io.panpipe.internal.bsd.BsdKernel;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.testbed.DarwinDouble;
import java.util.List;
import java.util.Set;

/**
 * macOS, or the double of its C library. What Unixes share, files and descriptors, is looked at as on Linux.
 */
public final class BsdKernelUnderTest implements ContractKernel {

    private static final Set<Trait> LACKS = Set.of(
            Trait.RESET, Trait.EMPTY_NAMES, Trait.SHARED_PORTS, Trait.HANDLES_END_A_READ, Trait.LONG_PATHS,
            Trait.SENDS_NEVER_WAIT);

    private final Kernel kernel;
    private final LinuxKernelUnderTest view;

    /** Makes the directory. Every descriptor that a test leaves is its fault: nothing else runs in this JVM meanwhile. */
    public BsdKernelUnderTest() {
        DarwinDouble.prepare();
        kernel = BsdKernel.macos();
        view = new LinuxKernelUnderTest(true);
    }

    @Override
    public Kernel kernel() {
        return kernel;
    }

    @Override
    public String freshName() {
        return view.freshName();
    }

    @Override
    public boolean has(Trait trait) {
        return !LACKS.contains(trait);
    }

    @Override
    public ErrorCode fullBacklog() {
        return ErrorCode.ECONNREFUSED;
    }

    @Override
    public boolean writesInFlight() {
        return false;
    }

    @Override
    public long manyBytes() {
        return 20_000_000;
    }

    @Override
    public boolean exists(String name) {
        return view.exists(name);
    }

    @Override
    public int mode(String name) {
        return view.mode(name);
    }

    @Override
    public void createFile(String name) {
        view.createFile(name);
    }

    @Override
    public void remove(String name) {
        view.remove(name);
    }

    @Override
    public void leaveStale(String name) {
        view.leaveStale(name);
    }

    @Override
    public void beforeClose(List<Long> descriptors) {
        view.beforeClose(descriptors);
    }

    @Override
    public void assertNothingLeft() {
        view.assertNothingLeft();
    }

    @Override
    public void close() {
        view.close();
    }
}
