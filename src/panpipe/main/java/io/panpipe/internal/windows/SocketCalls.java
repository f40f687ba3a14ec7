/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** The little of winsock that an IPC pipe needs: a socket that another process has sent has to be taken to be closed. */
final class SocketCalls {

    private static final int FROM_PROTOCOL_INFO = -1;
    private static final int VERSION_2_2 = 0x202;
    private static final int WSADATA_BYTES = 512;
    private static final int WSA_FLAG_OVERLAPPED = 1;
    private static final int WSA_FLAG_NO_HANDLE_INHERIT = 0x80;

    private static final NativeFunctions WINSOCK = NativeFunctions.of("ws2_32.dll");
    private static final MethodHandle WSASTARTUP = WINSOCK.four("WSAStartup");
    private static final MethodHandle WSASOCKET = WINSOCK.eight("WSASocketW");
    private static final MethodHandle CLOSESOCKET = WINSOCK.four("closesocket");

    /** Started once for the whole process, and left so: others in it may use winsock as well. */
    private static final int STARTED = (int) WindowsCalls.call(
            WSASTARTUP, new CallState(), VERSION_2_2, Arena.global().allocate(WSADATA_BYTES, 8).address(), 0, 0);

    private SocketCalls() {}

    /** Closes the socket that a WSAPROTOCOL_INFOW describes: until it is taken, it stays open in its sender. */
    static void takeAndClose(CallState state, long information) throws KernelException {
        if (STARTED != 0) {
            throw WindowsErrors.failure(STARTED, "WSAStartup");
        }
        long socket = WindowsCalls.call(
                WSASOCKET,
                state,
                FROM_PROTOCOL_INFO,
                FROM_PROTOCOL_INFO,
                FROM_PROTOCOL_INFO,
                information,
                0,
                WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT,
                0,
                0);
        if (socket != WindowsCalls.INVALID_HANDLE) {
            WindowsCalls.call(CLOSESOCKET, state, socket, 0, 0, 0);
        }
    }
}
