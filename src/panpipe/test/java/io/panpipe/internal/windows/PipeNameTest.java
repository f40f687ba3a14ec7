/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How pipes of Windows are named. */
@Tag("simulated")
class PipeNameTest {

    @ParameterizedTest
    @CsvSource({
        "//./pipe/x, \\\\.\\pipe\\x",
        "//?/PIPE/x, \\\\.\\pipe\\x",
        "\\\\?\\pipe\\x, \\\\.\\pipe\\x",
        "\\\\.\\Pipe\\X, \\\\.\\pipe\\X",
        "//./pipe/LOCAL/x, \\\\.\\pipe\\LOCAL/x",
        "\\\\?\\pipe\\a/b, \\\\?\\pipe\\a/b"
    })
    void whatTheSystemTakes(String name, String taken) throws KernelException {
        assertEquals(taken, PipeName.checked(name, "test"));
    }

    @Test
    void waitNamedPipeKnowsOnePrefix() {
        assertEquals("\\\\.\\pipe\\a/b", PipeName.forWaiting("\\\\?\\pipe\\a/b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "x", "//./pipe/", "//./pipes/x", "/./pipe/x", "///./pipe/x", "//server/pipe/x", "//./pipe/../x", "//./pipe/x."
    })
    void whatIsNoName(String name) {
        KernelException refused = assertThrows(KernelException.class, () -> PipeName.checked(name, "test"));
        assertEquals(Fault.EINVAL, refused.fault());
    }

    /** An AppContainer's names are its own; outside of one the part before is nothing special. */
    @Test
    void aNameThatIsPickedIsOneThatTheProcessMayMake() throws KernelException {
        String inside = PipeName.unique(true);
        assertTrue(inside.startsWith("\\\\.\\pipe\\LOCAL\\panpipe-"), inside);
        assertEquals(inside, PipeName.checked(inside, "test"));
        assertTrue(PipeName.unique(false).startsWith("\\\\.\\pipe\\panpipe-"));
        assertNotEquals(PipeName.unique(true), inside);
    }
}
