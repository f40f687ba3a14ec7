/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What becomes of the memory of a queue that was long. */
@EnabledOnOs(OS.LINUX)
class FreedBlocksTest {

    private static final int SIZE = 1 << 20;
    private static final int COUNT = 40;

    /** Twice, since malloc gives back what is freed the first time. */
    @Test
    void theyGoBackToTheSystemEachTime() throws Exception {
        Selector selector = LinuxSelector.open();
        try {
            for (int round = 0; round < 2; round++) {
                List<Region> blocks = new ArrayList<>();
                List<Long> addresses = new ArrayList<>();
                for (int i = 0; i < COUNT; i++) {
                    Region block = selector.allocateBlock(SIZE);
                    block.bytes().put(SIZE - 1, (byte) i);
                    blocks.add(block);
                    addresses.add(block.address());
                }
                assertEquals(COUNT, mapped(addresses));
                blocks.forEach(selector::free);
                assertGone(addresses);
            }
        } finally {
            selector.close();
        }
    }

    @Test
    void theRestGoesWithTheSelector() throws Exception {
        Selector selector = LinuxSelector.open();
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            addresses.add(selector.allocateBlock(SIZE).address());
        }
        selector.close();
        assertGone(addresses);
    }

    /** Some may be in use again: other threads of the JVM need memory, too. */
    private static void assertGone(List<Long> addresses) throws Exception {
        long left = mapped(addresses);
        assertTrue(left < COUNT / 2, left + " of " + COUNT + " are still there");
    }

    /** Counts addresses in the middle of which this process has memory. */
    private static long mapped(List<Long> addresses) throws Exception {
        List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
        return addresses.stream()
                .filter(address -> maps.stream().anyMatch(line -> contains(line, address + SIZE / 2)))
                .count();
    }

    private static boolean contains(String line, long address) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-");
        return Long.parseUnsignedLong(range[0], 16) <= address && address < Long.parseUnsignedLong(range[1], 16);
    }
}
