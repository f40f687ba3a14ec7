/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which kernel a loop gets on which system: the one jar has those of all. */
class PlatformTest {

    @ParameterizedTest
    @CsvSource({"Linux, 64, linux", "Linux,, linux", "Windows 11, 64, windows", "Windows Server 2022, 64, windows",
        "Mac OS X, 64, macos"})
    void theRunningSystemHasItsKernelInTheLibrary(String system, String bits, String kernel) {
        assertEquals(kernel, Platform.pick(system, bits).name());
    }

    @ParameterizedTest
    @CsvSource({"Linux, 32", "Windows 10, 32", "AmigaOS, 64"})
    void aSystemWithoutAKernelIsNamedWhenALoopIsMade(String system, String bits) {
        Kernel none = Platform.pick(system, bits);
        String message = assertThrows(UnsupportedOperationException.class, none::openSelector).getMessage();
        assertTrue(message.contains(system), message);
    }

    @Test
    void theKernelIsThatOfTheRunningSystem() {
        assertEquals(Platform.pick(System.getProperty("os.name"), "64").name(), Platform.kernel().name());
    }
}
