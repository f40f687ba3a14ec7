/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The Python that the scripts run with. */
final class Python {

    private static @Nullable String interpreter;

    private Python() {}

    /** Returns the interpreter itself: {@code python3} may be a script (pyenv's) that takes longer than our tests. */
    static synchronized String interpreter() throws IOException {
        String command = Programs.required("python3");
        if (interpreter == null) {
            interpreter = Programs.output(command, "-c", "import sys; print(sys.executable)").strip();
        }
        return interpreter;
    }
}
