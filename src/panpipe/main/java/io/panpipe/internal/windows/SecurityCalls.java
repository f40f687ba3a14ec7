/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.invoke.MethodHandle;

/** The functions of advapi32 and kernel32 for security descriptors and tokens; answers as in {@link WindowsCalls}. */
final class SecurityCalls {

    private static final int SDDL_REVISION_1 = 1;
    private static final int DACL_SECURITY_INFORMATION = 4;
    private static final int PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
    private static final int TOKEN_QUERY = 8;
    private static final long THIS_THREAD = -2;
    private static final int AS_PROCESS = 1;

    private static final NativeFunctions KERNEL = NativeFunctions.of("kernel32.dll");
    private static final NativeFunctions ADVANCED = NativeFunctions.of("advapi32.dll");

    private static final MethodHandle CONVERT_STRING_SECURITY_DESCRIPTOR_TO_SECURITY_DESCRIPTOR =
            ADVANCED.four("ConvertStringSecurityDescriptorToSecurityDescriptorW");
    private static final MethodHandle LOCAL_FREE = KERNEL.four("LocalFree");
    private static final MethodHandle OPEN_PROCESS_TOKEN = ADVANCED.four("OpenProcessToken");
    private static final MethodHandle GET_TOKEN_INFORMATION = ADVANCED.eight("GetTokenInformation");

    private SecurityCalls() {}

    /** ConvertStringSecurityDescriptorToSecurityDescriptorW; the result is to be freed. */
    static int parseDescriptor(CallState state, long sddl, long result) {
        return WindowsCalls.truth(state, WindowsCalls.call(
                CONVERT_STRING_SECURITY_DESCRIPTOR_TO_SECURITY_DESCRIPTOR, state, sddl, SDDL_REVISION_1, result, 0));
    }

    /** LocalFree. */
    static void free(CallState state, long memory) {
        WindowsCalls.call(LOCAL_FREE, state, memory, 0, 0, 0);
    }

    /** SetKernelObjectSecurity of the list that grants access (DACL). */
    static int setAccess(CallState state, long handle, long descriptor) {
        return WindowsCalls.truth(state, WindowsCalls.call(
                Change.SET_KERNEL_OBJECT_SECURITY, state, handle, DACL_SECURITY_INFORMATION, descriptor, 0));
    }

    /** OpenProcess, to ask who it is; {@link WindowsCalls#INVALID_HANDLE} if that is refused. */
    static long openProcess(CallState state, int process) {
        return openProcess(state, process, PROCESS_QUERY_LIMITED_INFORMATION);
    }

    /** OpenProcess. */
    static long openProcess(CallState state, int process, int access) {
        long handle = WindowsCalls.call(Other.OPEN_PROCESS, state, access, 0, process, 0);
        return handle == 0 ? WindowsCalls.INVALID_HANDLE : handle;
    }

    /** OpenProcessToken, to read it. */
    static int openToken(CallState state, long process, long result) {
        return WindowsCalls.truth(state, WindowsCalls.call(OPEN_PROCESS_TOKEN, state, process, TOKEN_QUERY, result, 0));
    }

    /** GetTokenInformation. */
    static int tokenInformation(CallState state, long token, int kind, long into, int length, long needed) {
        return WindowsCalls.truth(state, WindowsCalls.call(
                GET_TOKEN_INFORMATION, state, token, kind, into, length, needed, 0, 0, 0));
    }

    /** ImpersonateNamedPipeClient: this thread acts as the client of a server's end, until {@link #revertToSelf}. */
    static int impersonateClient(CallState state, long pipe) {
        return WindowsCalls.truth(
                state, WindowsCalls.call(Client.IMPERSONATE_NAMED_PIPE_CLIENT, state, pipe, 0, 0, 0));
    }

    /** RevertToSelf. */
    static int revertToSelf(CallState state) {
        return WindowsCalls.truth(state, WindowsCalls.call(Client.REVERT_TO_SELF, state, 0, 0, 0, 0));
    }

    /** OpenThreadToken of this thread, to read whom it acts as; the process itself opens it, who may always do so. */
    static int openThreadToken(CallState state, long result) {
        return WindowsCalls.truth(state, WindowsCalls.call(
                Client.OPEN_THREAD_TOKEN, state, THIS_THREAD, TOKEN_QUERY, AS_PROCESS, result));
    }

    private static final class Change {
        static final MethodHandle SET_KERNEL_OBJECT_SECURITY = ADVANCED.four("SetKernelObjectSecurity");
    }

    private static final class Other {
        static final MethodHandle OPEN_PROCESS = KERNEL.four("OpenProcess");
    }

    private static final class Client {
        static final MethodHandle IMPERSONATE_NAMED_PIPE_CLIENT = ADVANCED.four("ImpersonateNamedPipeClient");
        static final MethodHandle REVERT_TO_SELF = ADVANCED.four("RevertToSelf");
        static final MethodHandle OPEN_THREAD_TOKEN = ADVANCED.four("OpenThreadToken");
    }
}
