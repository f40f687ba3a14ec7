/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.NativeFunctions;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Duplicates handles: within this process, and into and out of another one. */
final class HandleTransfer {

    private static final long THIS_PROCESS = -1;
    private static final int DUPLICATE_SAME_ACCESS = 2;

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");
    private static final MethodHandle DUPLICATE_HANDLE = KERNEL.eight("DuplicateHandle");

    private HandleTransfer() {}

    /** Makes another HANDLE of the same object, which children do not inherit. */
    static long duplicateHere(WindowsSelector selector, long handle) throws KernelException {
        return duplicateInto(selector, handle, THIS_PROCESS);
    }

    /** Makes a HANDLE in another process, and returns its value there. */
    static long duplicateInto(WindowsSelector selector, long handle, long process) throws KernelException {
        int error = WindowsCalls.truth(selector.state, WindowsCalls.call(
                DUPLICATE_HANDLE, selector.state, THIS_PROCESS, handle, process, selector.numbers.address(), 0, 0,
                DUPLICATE_SAME_ACCESS, 0));
        if (error != 0) {
            throw WindowsErrors.failure(error, "DuplicateHandle");
        }
        return selector.numbers.get(ValueLayout.JAVA_LONG, 0);
    }
}
