/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The Python that the tests talk to. */
public final class Python {

    private static String interpreter;

    private Python() {}

    /**
     * Returns the interpreter itself: {@code python3} may be a script (pyenv's) that takes longer than our tests. Skips
     * the test where there is none.
     */
    public static synchronized String interpreter() throws IOException {
        assumeTrue(Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "python3"))), "python3 is not installed");
        if (interpreter == null) {
            Process process = new ProcessBuilder("python3", "-c", "import sys; print(sys.executable)")
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process.getOutputStream().close();
            interpreter = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        return interpreter;
    }
}
