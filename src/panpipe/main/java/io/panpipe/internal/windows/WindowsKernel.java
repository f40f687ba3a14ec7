/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.NativeAccess;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;

/** Windows: the factory of selectors over completion ports. */
public final class WindowsKernel implements Kernel {

    @Override
    public String name() {
        return "windows";
    }

    @Override
    public Selector openSelector() throws KernelException {
        NativeAccess.require();
        return new WindowsSelector();
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
        return PipeName.PREFIX + simple;
    }
}
