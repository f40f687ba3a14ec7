/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.Selector;

/** Stands where a system has no kernel yet, and says so when a loop is made. */
final class UnsupportedKernel implements Kernel {

    private final String system;

    UnsupportedKernel(String system) {
        this.system = system;
    }

    private UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException(
                "Panpipe has no kernel for " + system + " yet: it runs on 64-bit Linux and Windows");
    }

    @Override
    public String name() {
        return "unsupported";
    }

    @Override
    public Selector openSelector() {
        throw unsupported();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public boolean blocksThread() {
        return true;
    }

    @Override
    public String portableName(String simple) {
        throw unsupported();
    }
}
