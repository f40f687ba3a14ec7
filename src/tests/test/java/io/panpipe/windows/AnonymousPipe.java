/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The two ends of CreatePipe, which are for synchronous I/O.
 *
 * @param reading the HANDLE that is read
 * @param writing the HANDLE that is written
 */
record AnonymousPipe(long reading, long writing) {

    /** Makes one with a buffer of so many bytes. */
    static AnonymousPipe create(int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(ValueLayout.JAVA_LONG, 2);
            Win32.Answer made = Win32.kernel("CreatePipe", ends.address(), ends.address() + Long.BYTES, 0, bytes);
            if (!made.isTrue()) {
                throw new Win32.Failure("CreatePipe", made.error());
            }
            return new AnonymousPipe(
                    ends.get(ValueLayout.JAVA_LONG, 0), ends.get(ValueLayout.JAVA_LONG, Long.BYTES));
        }
    }
}
