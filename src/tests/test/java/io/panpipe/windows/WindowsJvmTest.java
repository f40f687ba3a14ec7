/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * What the tests of Windows take for granted: a JVM of Windows, whose native calls reach kernel32, in the foreign-function
 * API that the library is compiled for.
 */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
@SuppressWarnings("restricted") // Linking is what is tested here.
class WindowsJvmTest {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup KERNEL32 = SymbolLookup.libraryLookup("kernel32.dll", Arena.global());
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();

    private static MethodHandle link(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(
                KERNEL32.find(name).orElseThrow(), type, Linker.Option.captureCallState("GetLastError"));
    }

    @Test
    void theJvmIsOneOfWindows() {
        assertTrue(System.getProperty("os.name").startsWith("Windows"), System.getProperty("os.name"));
        assertEquals('\\', File.separatorChar);
        assertEquals("\r\n", System.lineSeparator());
    }

    @Test
    void aCallCapturesItsOwnLastError() throws Throwable {
        MethodHandle setLastError = link("SetLastError", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
        VarHandle lastError = CAPTURED.varHandle(PathElement.groupElement("GetLastError"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            setLastError.invokeExact(state, 0x20000017);
            assertEquals(0x20000017, (int) lastError.get(state, 0L));
        }
    }

    @Test
    void wideStringsReachKernel32AndComeBack() throws Throwable {
        MethodHandle lstrcpy = link("lstrcpyW", FunctionDescriptor.of(
                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        MethodHandle lstrlen = link("lstrlenW", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            String text = "\\\\.\\pipe\\Grüße \uD83D\uDC1F";
            MemorySegment from = arena.allocateFrom(text, StandardCharsets.UTF_16LE);
            MemorySegment to = arena.allocate(ValueLayout.JAVA_CHAR, text.length() + 1);
            assertEquals(text.length(), (int) lstrlen.invokeExact(state, from));
            assertEquals(to, ((MemorySegment) lstrcpy.invokeExact(state, to, from)).reinterpret(to.byteSize()));
            assertEquals(text, to.getString(0, StandardCharsets.UTF_16LE));
        }
    }
}
