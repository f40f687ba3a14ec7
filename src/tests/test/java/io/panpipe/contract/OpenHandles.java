/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The HANDLEs that this process has open, found by asking for each number what it stands for: Wine has no list of them.
 *
 * <p>A JVM opens and closes events, threads and files whenever it likes. What only a loop opens is counted exactly.
 */
public final class OpenHandles {

    /** So many numbers in a row that stand for nothing are the end; Windows gives out low numbers first. */
    private static final int LONGEST_GAP = 1024;

    private static final int STEP = 4;
    private static final int OBJECT_TYPE_INFORMATION = 2;
    private static final int BUFFER = 512;
    private static final int NAME_ADDRESS = 8;
    private static final int FILE_TYPE_PIPE = 3;
    private static final long LAST_STANDARD_HANDLE = -12;
    private static final int STANDARD_HANDLES = 3;
    private static final Set<String> OF_LOOPS = Set.of("pipe", "IoCompletion", "Token", "Process");

    private static final MethodHandle NT_QUERY_OBJECT = NativeFunctions.of("ntdll.dll").eight("NtQueryObject");
    private static final MethodHandle GET_FILE_TYPE = NativeFunctions.of("kernel32.dll").four("GetFileType");
    private static final MethodHandle GET_STD_HANDLE = NativeFunctions.of("kernel32.dll").four("GetStdHandle");

    private OpenHandles() {}

    /** Returns what only loops open, by number: pipes, completion ports, tokens and processes. */
    public static Map<Long, String> ofLoops() {
        Map<Long, String> open = all();
        open.values().retainAll(OF_LOOPS);
        return open;
    }

    /** Returns the kinds of all handles, by number. */
    public static Map<Long, String> all() {
        Map<Long, String> open = new TreeMap<>();
        CallState state = new CallState();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
            long last = 0;
            for (long handle = STEP; handle - last < LONGEST_GAP * STEP; handle += STEP) {
                if (query(state, handle, buffer) == 0) {
                    last = handle;
                    open.put(handle, kind(state, handle, buffer));
                }
            }
        }
        return open;
    }

    private static int query(CallState state, long handle, MemorySegment buffer) {
        try {
            return (int) (long) NT_QUERY_OBJECT.invokeExact(
                    state.segment(), handle, (long) OBJECT_TYPE_INFORMATION, buffer.address(), (long) BUFFER,
                    0L, 0L, 0L, 0L);
        } catch (Throwable wrongBinding) {
            throw new AssertionError(wrongBinding);
        }
    }

    private static String kind(CallState state, long handle, MemorySegment buffer) {
        // A UNICODE_STRING: length in bytes, and the address of the text, which lies behind it.
        int length = buffer.get(ValueLayout.JAVA_SHORT, 0) / Character.BYTES;
        long at = buffer.get(ValueLayout.JAVA_LONG, NAME_ADDRESS) - buffer.address();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < length; i++) {
            name.append(buffer.get(ValueLayout.JAVA_CHAR_UNALIGNED, at + (long) i * Character.BYTES));
        }
        return name.toString().equals("File") && isPipe(state, handle) ? "pipe" : name.toString();
    }

    /** Tells a pipe from another file, except for standard input and output: the question waits for a read that blocks. */
    private static boolean isPipe(CallState state, long handle) {
        try {
            for (long standard = LAST_STANDARD_HANDLE; standard < LAST_STANDARD_HANDLE + STANDARD_HANDLES; standard++) {
                if (handle == (long) GET_STD_HANDLE.invokeExact(state.segment(), standard, 0L, 0L, 0L)) {
                    return false;
                }
            }
            return (int) (long) GET_FILE_TYPE.invokeExact(state.segment(), handle, 0L, 0L, 0L) == FILE_TYPE_PIPE;
        } catch (Throwable wrongBinding) {
            throw new AssertionError(wrongBinding);
        }
    }
}
