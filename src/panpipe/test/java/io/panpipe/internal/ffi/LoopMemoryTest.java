/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which memory the system is lent, and which is freed when. */
class LoopMemoryTest {

    private final LoopMemory memory = new LoopMemory();

    @AfterEach
    void free() {
        memory.close();
    }

    private void assertBorrows(boolean expected, ByteBuffer buffer) {
        assertEquals(expected, memory.borrows(buffer));
        assertEquals(expected, memory.borrows(buffer.slice(1, 5)));
        assertEquals(expected, memory.borrows(buffer.asReadOnlyBuffer().position(3)));
    }

    @Test
    void whatNobodyCanCloseIsBorrowed(@TempDir Path directory) throws Exception {
        assertBorrows(true, ByteBuffer.allocateDirect(10));
        assertBorrows(true, Arena.ofAuto().allocate(10).asByteBuffer());
        assertBorrows(true, Arena.global().allocate(10).asByteBuffer());
        Path file = directory.resolve("mapped");
        Files.write(file, new byte[10]);
        try (FileChannel channel = FileChannel.open(file); Arena arena = Arena.ofShared()) {
            assertBorrows(false, channel.map(FileChannel.MapMode.READ_ONLY, 0, 10, arena).asByteBuffer());
            if (!System.getProperty("os.name").startsWith("Windows")) {
                // Nobody could delete the file there before the collector has been.
                assertBorrows(true, channel.map(FileChannel.MapMode.READ_ONLY, 0, 10));
            }
        }
    }

    @Test
    void whatSomebodyCanCloseIsNotBorrowed() {
        try (Arena shared = Arena.ofShared(); Arena confined = Arena.ofConfined()) {
            assertBorrows(false, shared.allocate(10).asByteBuffer());
            assertBorrows(false, confined.allocate(10).asByteBuffer());
        }
        assertBorrows(false, ByteBuffer.allocate(10));
        // What a loop reads into again.
        assertBorrows(false, memory.allocate(10).asByteBuffer());
        assertBorrows(false, memory.allocateBlock(10).asByteBuffer());
    }

    @Test
    void blocksAreFreedOneByOneAndTheRestTogether() {
        MemorySegment first = memory.allocateBlock(10);
        MemorySegment second = memory.allocateBlock(10);
        memory.freeBlock(first.address());
        assertFalse(first.scope().isAlive());
        assertTrue(second.scope().isAlive());
        assertThrows(IllegalArgumentException.class, () -> memory.freeBlock(first.address()));
        LoopMemory other = new LoopMemory();
        MemorySegment left = other.allocateBlock(10);
        other.close();
        assertFalse(left.scope().isAlive());
    }
}
