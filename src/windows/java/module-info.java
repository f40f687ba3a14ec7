/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** The kernel of a loop on Windows, which a program that runs there has beside the library. */
module io.panpipe.windows {
    requires io.panpipe;
    requires static org.jspecify;

    provides io.panpipe.internal.kernel.Kernel with io.panpipe.internal.windows.WindowsKernel;
}
