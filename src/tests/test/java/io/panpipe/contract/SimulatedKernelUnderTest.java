/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.panpipe.KernelAccess;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.simulated.SimulatedKernel;
import io.panpipe.internal.simulated.SimulatedOptions;
import java.util.ArrayList;
import java.util.List;

/** A simulated machine of a test's own. */
public final class SimulatedKernelUnderTest implements ContractKernel {

    private final SimulatedKernel kernel;
    private final boolean writesInFlight;
    private final boolean halfCloses;
    private final List<String> names = new ArrayList<>();

    private SimulatedKernelUnderTest(SimulatedOptions options, boolean writesInFlight, boolean halfCloses) {
        kernel = new SimulatedKernel(options.pipesHalfClose(halfCloses));
        this.writesInFlight = writesInFlight;
        this.halfCloses = halfCloses;
    }

    /** Makes a machine in which nothing is left to chance. */
    public static SimulatedKernelUnderTest quiet() {
        return quiet(SimulatedOptions.quiet());
    }

    /** Makes a machine whose writes are never in flight. */
    public static SimulatedKernelUnderTest quiet(SimulatedOptions options) {
        return new SimulatedKernelUnderTest(options, false, true);
    }

    /** Makes a machine that does all that a kernel may do. */
    public static SimulatedKernelUnderTest noisy(long seed) {
        return new SimulatedKernelUnderTest(SimulatedOptions.noisy().seed(seed), true, true);
    }

    /** Makes such a machine whose pipes have no half-close. */
    public static SimulatedKernelUnderTest noisyWithoutHalfClose(long seed) {
        return new SimulatedKernelUnderTest(SimulatedOptions.noisy().seed(seed), true, false);
    }

    @Override
    public boolean has(Trait trait) {
        return trait != Trait.HALF_CLOSE || halfCloses;
    }

    @Override
    public boolean writesInFlight() {
        return writesInFlight;
    }

    @Override
    public Kernel kernel() {
        return kernel;
    }

    @Override
    public String freshName() {
        String name = KernelAccess.portableName(kernel, "contract-" + names.size());
        names.add(name);
        return name;
    }

    @Override
    public long manyBytes() {
        return 8_000_000;
    }

    @Override
    public boolean exists(String name) {
        return kernel.exists(name);
    }

    @Override
    public int mode(String name) {
        return kernel.mode(name);
    }

    @Override
    public void createFile(String name) {
        kernel.createFile(name);
    }

    @Override
    public void remove(String name) {
        kernel.unlink(name);
    }

    @Override
    public void leaveStale(String name) {
        kernel.abandon(name);
    }

    @Override
    public void raise(int signal) {
        kernel.signal(signal);
    }

    @Override
    public void beforeClose(List<Long> descriptors) {
        // The machine is the test's own: afterwards it has none at all.
    }

    @Override
    public void assertNothingLeft() {
        assertEquals(0, kernel.openDescriptors(), "descriptors left");
        for (String name : names) {
            assertFalse(kernel.exists(name), () -> "left: " + name);
        }
    }

    @Override
    public void close() {
        // Nothing of it is outside the heap.
    }
}
