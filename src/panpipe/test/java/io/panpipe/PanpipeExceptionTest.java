/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import org.junit.jupiter.api.Test;

/** What a failure says. */
class PanpipeExceptionTest {

    @Test
    void anErrorWithoutACodeShowsItsNumber() {
        PanpipeException unknown = PanpipeException.of(new KernelException(Fault.UNKNOWN, 133, "setsockopt"), "x");
        assertEquals("setsockopt x: unknown error (UNKNOWN 133)", unknown.getMessage());
        assertEquals(133, unknown.number());
    }

    @Test
    void anErrorWithACodeShowsThatAlone() {
        PanpipeException known = PanpipeException.of(new KernelException(Fault.ENOPROTOOPT, 92, "setsockopt"), "");
        assertEquals("setsockopt: protocol not available (ENOPROTOOPT)", known.getMessage());
        assertEquals(ErrorCode.ENOPROTOOPT, known.code());
    }
}
