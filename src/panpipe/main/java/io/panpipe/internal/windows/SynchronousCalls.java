/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** The functions of kernel32 for threads that wait inside a read or write; answers as in {@link WindowsCalls}. */
final class SynchronousCalls {

    private static final int THREAD_TERMINATE = 1;

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");
    private static final MethodHandle READ_FILE = KERNEL.eight("ReadFile");
    private static final MethodHandle WRITE_FILE = KERNEL.eight("WriteFile");
    private static final MethodHandle GET_CURRENT_THREAD_ID = KERNEL.four("GetCurrentThreadId");
    private static final MethodHandle OPEN_THREAD = KERNEL.four("OpenThread");
    private static final MethodHandle CANCEL_SYNCHRONOUS_IO = KERNEL.four("CancelSynchronousIo");

    private SynchronousCalls() {}

    /** ReadFile of a handle for synchronous I/O; waits until there is something. */
    static int readFile(CallState state, long file, long into, int length, long count) {
        return WindowsCalls.truth(state, WindowsCalls.call(READ_FILE, state, file, into, length, count, 0, 0, 0, 0));
    }

    /** WriteFile to a handle for synchronous I/O; waits until all is in the pipe. */
    static int writeFile(CallState state, long file, long from, int length, long count) {
        return WindowsCalls.truth(state, WindowsCalls.call(WRITE_FILE, state, file, from, length, count, 0, 0, 0, 0));
    }

    /** FlushFileBuffers: waits until the other end of a pipe has read all. */
    static int flush(CallState state, long file) {
        return WindowsCalls.truth(state, WindowsCalls.call(Flush.FLUSH_FILE_BUFFERS, state, file, 0, 0, 0));
    }

    /** OpenThread of the calling thread, with the right to have its calls cancelled. */
    static long openThisThread(CallState state) {
        long number = Integer.toUnsignedLong((int) WindowsCalls.call(GET_CURRENT_THREAD_ID, state, 0, 0, 0, 0));
        long handle = WindowsCalls.call(OPEN_THREAD, state, THREAD_TERMINATE, 0, number, 0);
        return handle == 0 ? WindowsCalls.INVALID_HANDLE : handle;
    }

    /** CancelSynchronousIo: ends the call that a thread waits in; ERROR_NOT_FOUND if it waits in none. */
    static int cancelSynchronousIo(CallState state, long thread) {
        return WindowsCalls.truth(state, WindowsCalls.call(CANCEL_SYNCHRONOUS_IO, state, thread, 0, 0, 0));
    }

    private static final class Flush {
        static final MethodHandle FLUSH_FILE_BUFFERS = KERNEL.four("FlushFileBuffers");
    }
}
