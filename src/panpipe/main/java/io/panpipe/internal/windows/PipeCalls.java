/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** The functions of kernel32 and ntdll that make, open and describe pipes; answers as in {@link WindowsCalls}. */
final class PipeCalls {

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");

    private static final MethodHandle CREATE_FILE = KERNEL.eight("CreateFileW");
    private static final MethodHandle PEEK_NAMED_PIPE = KERNEL.eight("PeekNamedPipe");

    private PipeCalls() {}

    /** CreateFileW of something that exists, shared with nobody. */
    static long openExisting(CallState state, long name, int access, int flags) {
        return WindowsCalls.call(CREATE_FILE, state, name, access, 0, 0, Numbers.OPEN_EXISTING, flags, 0, 0);
    }

    /** CreateNamedPipeW. */
    static long createNamedPipe(
            CallState state, long name, int openMode, int pipeMode, int instances, int buffer, long attributes) {
        return WindowsCalls.call(
                Server.CREATE_NAMED_PIPE, state, name, openMode, pipeMode, instances, buffer, buffer, 0, attributes);
    }

    /** ConnectNamedPipe. */
    static int connectNamedPipe(CallState state, long pipe, long overlapped) {
        return WindowsCalls.truth(state, WindowsCalls.call(Server.CONNECT_NAMED_PIPE, state, pipe, overlapped, 0, 0));
    }

    /** WaitNamedPipeW. */
    static int waitNamedPipe(CallState state, long name, int millis) {
        return WindowsCalls.truth(state, WindowsCalls.call(Server.WAIT_NAMED_PIPE, state, name, millis, 0, 0));
    }

    /** GetNamedPipeClientProcessId. */
    static int clientProcess(CallState state, long pipe, long number) {
        return WindowsCalls.truth(
                state, WindowsCalls.call(Server.GET_NAMED_PIPE_CLIENT_PROCESS_ID, state, pipe, number, 0, 0));
    }

    /** GetNamedPipeServerProcessId. */
    static int serverProcess(CallState state, long pipe, long number) {
        return WindowsCalls.truth(
                state, WindowsCalls.call(Server.GET_NAMED_PIPE_SERVER_PROCESS_ID, state, pipe, number, 0, 0));
    }

    /** PeekNamedPipe of nothing: how many bytes there are to read goes to {@code available}. */
    static int peek(CallState state, long pipe, long available) {
        return WindowsCalls.truth(
                state, WindowsCalls.call(PEEK_NAMED_PIPE, state, pipe, 0, 0, 0, available, 0, 0, 0));
    }

    /** GetNamedPipeInfo; where the numbers go may be 0. */
    static int pipeInfo(CallState state, long pipe, long flags) {
        return WindowsCalls.truth(
                state, WindowsCalls.call(Adopted.GET_NAMED_PIPE_INFO, state, pipe, flags, 0, 0, 0, 0, 0, 0));
    }

    /** SetNamedPipeHandleState. */
    static int pipeState(CallState state, long pipe, long mode) {
        return WindowsCalls.truth(
                state, WindowsCalls.call(Adopted.SET_NAMED_PIPE_HANDLE_STATE, state, pipe, mode, 0, 0));
    }

    /** GetFileType: a number, 0 also if the handle is not open. */
    static int fileType(CallState state, long file) {
        return (int) WindowsCalls.call(Adopted.GET_FILE_TYPE, state, file, 0, 0, 0);
    }

    /** GetHandleInformation. */
    static int handleInformation(CallState state, long handle, long flags) {
        return WindowsCalls.truth(state, WindowsCalls.call(Adopted.GET_HANDLE_INFORMATION, state, handle, flags, 0, 0));
    }

    /** NtQueryInformationFile; an NTSTATUS. */
    static int queryFile(CallState state, long file, long status, long information, int length, int kind) {
        return (int) WindowsCalls.call(
                Native.NT_QUERY_INFORMATION_FILE, state, file, status, information, length, kind, 0, 0, 0);
    }

    /** RtlNtStatusToDosError: what GetLastError would say of an NTSTATUS. */
    static int errorOf(CallState state, int status) {
        return (int) WindowsCalls.call(Native.RTL_NT_STATUS_TO_DOS_ERROR, state, status, 0, 0, 0);
    }

    /** The constants of these functions. */
    static final class Numbers {
        static final int OPEN_EXISTING = 3;

        private Numbers() {}
    }

    private static final class Server {
        static final MethodHandle CREATE_NAMED_PIPE = KERNEL.eight("CreateNamedPipeW");
        static final MethodHandle CONNECT_NAMED_PIPE = KERNEL.four("ConnectNamedPipe");
        static final MethodHandle WAIT_NAMED_PIPE = KERNEL.four("WaitNamedPipeW");
        static final MethodHandle GET_NAMED_PIPE_CLIENT_PROCESS_ID = KERNEL.four("GetNamedPipeClientProcessId");
        static final MethodHandle GET_NAMED_PIPE_SERVER_PROCESS_ID = KERNEL.four("GetNamedPipeServerProcessId");
    }

    private static final class Adopted {
        static final MethodHandle GET_NAMED_PIPE_INFO = KERNEL.eight("GetNamedPipeInfo");
        static final MethodHandle SET_NAMED_PIPE_HANDLE_STATE = KERNEL.four("SetNamedPipeHandleState");
        static final MethodHandle GET_FILE_TYPE = KERNEL.four("GetFileType");
        static final MethodHandle GET_HANDLE_INFORMATION = KERNEL.four("GetHandleInformation");
    }

    private static final class Native {
        static final NativeFunctions NTDLL = NativeFunctions.of("ntdll.dll");
        static final MethodHandle NT_QUERY_INFORMATION_FILE = NTDLL.eight("NtQueryInformationFile");
        static final MethodHandle RTL_NT_STATUS_TO_DOS_ERROR = NTDLL.four("RtlNtStatusToDosError");
    }
}
