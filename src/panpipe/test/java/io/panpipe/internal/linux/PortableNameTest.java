/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Where portable names are. */
@EnabledOnOs(OS.LINUX)
class PortableNameTest {

    @Test
    void theRuntimeDirectoryCountsIfItIsOnePlaceForAll() {
        String temporary = System.getProperty("java.io.tmpdir") + "/x.sock";
        assertEquals("/run/user/1/x.sock", LinuxKernel.portableName("x", "/run/user/1"));
        for (String ignored : new String[] {null, "", "run", "./run", "~/run"}) {
            assertEquals(temporary, LinuxKernel.portableName("x", ignored));
        }
    }
}
