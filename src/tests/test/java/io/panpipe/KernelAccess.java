/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Kernel;

/** Opens to tests in other packages what the library keeps to itself: loops over a kernel of the caller's choice. */
public final class KernelAccess {

    private KernelAccess() {}

    /** Makes a loop of a kernel. */
    public static Loop loop(Kernel kernel) throws PanpipeException {
        return new Loop(kernel);
    }

    /** Makes a loop of a kernel, with options. */
    public static Loop loop(Kernel kernel, LoopOptions options) throws PanpipeException {
        return new Loop(kernel, options);
    }

    /** Makes a name that a kernel can bind. */
    public static String portableName(Kernel kernel, String simple) {
        return Pipe.portableName(kernel, simple);
    }
}
