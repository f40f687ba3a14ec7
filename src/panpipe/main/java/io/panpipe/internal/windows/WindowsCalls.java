/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.invoke.MethodHandle;

/**
 * The functions of kernel32 that every loop needs: those that answer a HANDLE answer it, or {@link #INVALID_HANDLE}; all
 * others answer 0, or what GetLastError says.
 */
final class WindowsCalls {

    static final long INVALID_HANDLE = -1;

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");

    private static final MethodHandle CREATE_IO_COMPLETION_PORT = KERNEL.four("CreateIoCompletionPort");
    private static final MethodHandle GET_QUEUED_COMPLETION_STATUS_EX = KERNEL.eight("GetQueuedCompletionStatusEx");
    private static final MethodHandle POST_QUEUED_COMPLETION_STATUS = KERNEL.four("PostQueuedCompletionStatus");
    private static final MethodHandle SET_FILE_COMPLETION_NOTIFICATION_MODES =
            KERNEL.four("SetFileCompletionNotificationModes");
    private static final MethodHandle READ_FILE = KERNEL.eight("ReadFile");
    private static final MethodHandle WRITE_FILE = KERNEL.eight("WriteFile");
    private static final MethodHandle WAIT_FOR_SINGLE_OBJECT = KERNEL.four("WaitForSingleObject");
    private static final MethodHandle CANCEL_IO_EX = KERNEL.four("CancelIoEx");
    private static final MethodHandle CLOSE_HANDLE = KERNEL.four("CloseHandle");
    private static final MethodHandle CREATE_EVENT = KERNEL.four("CreateEventW");

    private WindowsCalls() {}

    /** CreateIoCompletionPort: makes a port, or with a file adds it to one. */
    static long createIoCompletionPort(CallState state, long file, long port) {
        long handle = call(CREATE_IO_COMPLETION_PORT, state, file, port, 0, 1);
        return handle == 0 ? INVALID_HANDLE : handle;
    }

    /** GetQueuedCompletionStatusEx; a timeout of -1 is INFINITE. */
    static int getQueuedCompletionStatus(
            CallState state, long port, long entries, int capacity, long removed, int timeoutMillis) {
        return truth(
                state, call(GET_QUEUED_COMPLETION_STATUS_EX, state, port, entries, capacity, removed, timeoutMillis, 0, 0, 0));
    }

    /** PostQueuedCompletionStatus with an OVERLAPPED, or 0 for a mere wake-up. */
    static int postQueuedCompletionStatus(CallState state, long port, long overlapped) {
        return truth(state, call(POST_QUEUED_COMPLETION_STATUS, state, port, 0, 0, overlapped));
    }

    /** SetFileCompletionNotificationModes. */
    static int setCompletionModes(CallState state, long file, int flags) {
        return truth(state, call(SET_FILE_COMPLETION_NOTIFICATION_MODES, state, file, flags, 0, 0));
    }

    /** ReadFile. */
    static int readFile(CallState state, long file, long into, int length, long overlapped) {
        return truth(state, call(READ_FILE, state, file, into, length, 0, overlapped, 0, 0, 0));
    }

    /** WriteFile. */
    static int writeFile(CallState state, long file, long from, int length, long overlapped) {
        return truth(state, call(WRITE_FILE, state, file, from, length, 0, overlapped, 0, 0, 0));
    }

    /** WaitForSingleObject: 0 if it is set, or has been within the time; WAIT_TIMEOUT otherwise. */
    static int waitFor(CallState state, long event, int millis) {
        return (int) call(WAIT_FOR_SINGLE_OBJECT, state, event, millis, 0, 0);
    }

    /** CancelIoEx of one operation; 0 cancels all of the file's. */
    static int cancelIo(CallState state, long file, long overlapped) {
        return truth(state, call(CANCEL_IO_EX, state, file, overlapped, 0, 0));
    }

    /** CloseHandle. */
    static int closeHandle(CallState state, long handle) {
        return truth(state, call(CLOSE_HANDLE, state, handle, 0, 0, 0));
    }

    /** CreateEventW without a name, reset and to be reset by hand. */
    static long createEvent(CallState state) {
        long handle = call(CREATE_EVENT, state, 0, 1, 0, 0);
        return handle == 0 ? INVALID_HANDLE : handle;
    }

    /** Turns a BOOL into 0 or GetLastError. */
    static int truth(CallState state, long result) {
        return (int) result != 0 ? 0 : state.error();
    }

    static long call(MethodHandle function, CallState state, long a, long b, long c, long d) {
        try {
            return (long) function.invokeExact(state.segment(), a, b, c, d);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long call(
            MethodHandle function,
            CallState state,
            long a,
            long b,
            long c,
            long d,
            long e,
            long f,
            long g,
            long h) {
        try {
            return (long) function.invokeExact(state.segment(), a, b, c, d, e, f, g, h);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        // A native function throws nothing: this is a wrong type in the binding itself.
        return new IllegalStateException(thrown);
    }
}
