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

    private static final class Change {
        static final MethodHandle SET_KERNEL_OBJECT_SECURITY = ADVANCED.four("SetKernelObjectSecurity");
    }

    private static final class Other {
        static final MethodHandle OPEN_PROCESS = KERNEL.four("OpenProcess");
    }
}
