/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What the kernel of macOS says without a call of the system. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class BsdKernelTest {

    private final BsdKernel kernel = BsdKernel.macos();

    @Test
    void theKernelSaysWhatItIs() {
        assertEquals("macos", kernel.name());
        assertTrue(kernel.blocksThread());
    }

    /** That of macOS is the user's own, and ends with a slash. */
    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void aPortableNameIsInTheUsersOwnDirectory() {
        String before = System.getProperty("java.io.tmpdir");
        try {
            for (String directory : new String[] {"/var/folders/zz/T/", "/var/folders/zz/T"}) {
                System.setProperty("java.io.tmpdir", directory);
                assertEquals("/var/folders/zz/T/demo.sock", kernel.portableName("demo"));
            }
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Test
    void namesArePaths() {
        assertEquals("/tmp/a", kernel.nameOf(Path.of("/tmp/a")));
        assertEquals(Path.of("/tmp/a"), kernel.pathOf("/tmp/a"));
    }
}
