/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.Selector;

/** Stands where there is no kernel for the running system, and says so when a loop is made. */
final class UnsupportedKernel implements Kernel {

    private final String message;

    UnsupportedKernel(String message) {
        this.message = message;
    }

    private UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException(message);
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
