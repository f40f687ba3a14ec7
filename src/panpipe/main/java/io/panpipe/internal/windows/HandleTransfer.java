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
    private static final int DUPLICATE_CLOSE_SOURCE = 1;
    private static final int DUPLICATE_SAME_ACCESS = 2;
    private static final int PROCESS_DUP_HANDLE = 0x40;

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

    /** Makes handles in another process, which are its own then; returns their values there. */
    static long[] give(WindowsSelector selector, long[] handles, int count, int process) throws KernelException {
        long target = SecurityCalls.openProcess(selector.state, process, PROCESS_DUP_HANDLE);
        if (target == WindowsCalls.INVALID_HANDLE) {
            throw WindowsErrors.failure(selector.state.error(), "OpenProcess");
        }
        long[] theirs = new long[count];
        int made = 0;
        try {
            for (; made < count; made++) {
                theirs[made] = duplicateInto(selector, handles[made], target);
            }
            return theirs;
        } catch (KernelException refused) {
            while (made > 0) {
                takeBack(selector, theirs[--made], target);
            }
            throw refused;
        } finally {
            WindowsCalls.closeHandle(selector.state, target);
        }
    }

    /** Closes in another process what was made there and will not arrive. If the process is gone, so are they. */
    static void takeBack(WindowsSelector selector, long[] theirs, int process) {
        long target = SecurityCalls.openProcess(selector.state, process, PROCESS_DUP_HANDLE);
        if (target != WindowsCalls.INVALID_HANDLE) {
            for (long handle : theirs) {
                takeBack(selector, handle, target);
            }
            WindowsCalls.closeHandle(selector.state, target);
        }
    }

    private static void takeBack(WindowsSelector selector, long theirs, long process) {
        WindowsCalls.call(
                DUPLICATE_HANDLE, selector.state, process, theirs, 0, 0, 0, 0, DUPLICATE_CLOSE_SOURCE, 0);
    }
}
