/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** Standard input, output and error, which belong to the process: whoever adopts one does not close it. */
final class StandardHandles {

    private static final int STD_INPUT_HANDLE = -10;
    private static final int COUNT = 3;

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");
    private static final MethodHandle GET_STD_HANDLE = KERNEL.four("GetStdHandle");

    private StandardHandles() {}

    /**
     * Returns the HANDLE that 0, 1 or 2 stands for, so that programs say the same everywhere; any other number is a
     * HANDLE itself, whose values are multiples of four.
     */
    static long resolve(CallState state, long descriptor) {
        return descriptor >= 0 && descriptor < COUNT ? handle(state, (int) descriptor) : descriptor;
    }

    private static long handle(CallState state, int number) {
        return WindowsCalls.call(GET_STD_HANDLE, state, STD_INPUT_HANDLE - number, 0, 0, 0);
    }

    /** Closes a HANDLE unless it is one of the three now. */
    static void closeOther(CallState state, long handle) {
        for (int i = 0; i < COUNT; i++) {
            if (handle(state, i) == handle) {
                return;
            }
        }
        WindowsCalls.closeHandle(state, handle);
    }
}
