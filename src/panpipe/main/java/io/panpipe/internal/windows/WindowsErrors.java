/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;

/** What GetLastError says, in the contract's vocabulary ("System Error Codes" of the Win32 pages). */
final class WindowsErrors {

    static final int FILE_NOT_FOUND = 2;
    static final int ACCESS_DENIED = 5;
    static final int INVALID_HANDLE = 6;
    static final int INVALID_PARAMETER = 87;
    static final int BROKEN_PIPE = 109;
    static final int SEM_TIMEOUT = 121;
    static final int ALREADY_EXISTS = 183;
    static final int PIPE_BUSY = 231;
    static final int NO_DATA = 232;
    static final int PIPE_NOT_CONNECTED = 233;
    static final int MORE_DATA = 234;
    static final int WAIT_TIMEOUT = 258;
    static final int PIPE_CONNECTED = 535;
    static final int OPERATION_ABORTED = 995;
    static final int IO_PENDING = 997;
    static final int NOT_FOUND = 1168;

    private WindowsErrors() {}

    static KernelException failure(int error, String call) {
        return new KernelException(fault(error), error, call);
    }

    /**
     * Returns the refusal of a write. A pipe whose reader is gone is one error to a writer, whichever of three Windows
     * finds: closed at the other end, being closed, or disconnected by its server.
     */
    static KernelException writeFailure(int error) {
        return new KernelException(isHangUp(error) ? Fault.EPIPE : fault(error), error, "WriteFile");
    }

    /** Tells whether an error says that the other end is gone. */
    static boolean isHangUp(int error) {
        return error == BROKEN_PIPE || error == NO_DATA || error == PIPE_NOT_CONNECTED;
    }

    static Fault fault(int error) {
        return switch (error) {
            case FILE_NOT_FOUND, 3, 53, 67, 161 -> Fault.ENOENT;
            case 4 -> Fault.EMFILE;
            case ACCESS_DENIED, 1307, 1368 -> Fault.EACCES;
            case INVALID_HANDLE -> Fault.EBADF;
            case 8, 14, 1450, 1455 -> Fault.ENOMEM;
            case 32, 33, 170 -> Fault.EBUSY;
            case 1, 50, 120 -> Fault.ENOTSUP;
            case INVALID_PARAMETER, 123, 1304, 1305, 1336, 1337, 1338, 1804 -> Fault.EINVAL;
            case BROKEN_PIPE -> Fault.EOF;
            case SEM_TIMEOUT, WAIT_TIMEOUT -> Fault.ETIMEDOUT;
            case ALREADY_EXISTS -> Fault.EADDRINUSE;
            case 206 -> Fault.ENAMETOOLONG;
            case 230, NO_DATA, PIPE_NOT_CONNECTED -> Fault.EPIPE;
            case PIPE_BUSY -> Fault.EAGAIN;
            case OPERATION_ABORTED -> Fault.ECANCELED;
            case 1314 -> Fault.EPERM;
            case 1816 -> Fault.ENOBUFS;
            default -> Fault.UNKNOWN;
        };
    }
}
