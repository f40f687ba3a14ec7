/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.ffi.CallState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which processors Linux's numbers are known of. */
class ProcessorTest {

    private static final int AT_FDCWD = -100;
    private static final int BASIC = 0x7ff;
    private static final int SIZE = 256;

    /** The access time, which a look at the file may move, and what follows it. */
    private static final long COMPARED = 0x40;

    @ParameterizedTest
    @ValueSource(strings = {"amd64", "x86_64", "aarch64", "riscv64", "ppc64", "ppc64le", "s390x", "loongarch64"})
    void whatWasComparedWithCIsKnown(String name) {
        Processor.of(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mips64", "mips64el", "sparcv9", "alpha", "arm", "x86", "ppc", "aarch64_be"})
    void anUnknownProcessorIsRefusedByItsName(String name) {
        String message = assertThrows(UnsupportedOperationException.class, () -> Processor.of(name)).getMessage();
        assertTrue(message.contains("processor " + name + ":"), message);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileIsTheSameByTheNumberOfStatxAsByItsName(@TempDir Path directory) {
        CallState state = new CallState();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(directory.toString());
            MemorySegment byName = arena.allocate(SIZE, Long.BYTES);
            MemorySegment byNumber = arena.allocate(SIZE, Long.BYTES);
            assertEquals(0, LinuxCalls.statx(state, AT_FDCWD, name.address(), 0, BASIC, byName.address()));
            assertEquals(0, LinuxCalls.statxByNumber(state, AT_FDCWD, name.address(), 0, BASIC, byNumber.address()));
            assertEquals(-1, byName.asSlice(0, COMPARED).mismatch(byNumber.asSlice(0, COMPARED)));
            MemorySegment none = arena.allocateFrom(directory.resolve("none").toString());
            assertEquals(-2, LinuxCalls.statxByNumber(state, AT_FDCWD, none.address(), 0, BASIC, byNumber.address()));
        }
    }
}
