/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.darwin;

import io.panpipe.internal.ffi.StandIn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Darwin, for tests: the real one, or a double of its C library that works on Linux, in a JVM that was started for that with
 * {@code -Dpanpipe.darwin=double}. See {@code src/tests/darwin}.
 */
public final class DarwinDouble {

    private static final boolean IS_WANTED = "double".equals(System.getProperty("panpipe.darwin"));
    private static final boolean IS_REAL = System.getProperty("os.name").equals("Mac OS X");
    private static final Path SOURCE = Path.of("src/tests/darwin/darwin.c");

    private DarwinDouble() {}

    /** Tells whether the kernel of macOS can be used in this JVM. */
    public static boolean isThere() {
        return IS_REAL || IS_WANTED;
    }

    /** Tells whether it is the real one. */
    public static boolean isReal() {
        return IS_REAL;
    }

    /** Has the library call the double, where there is no real one. */
    public static void prepare() {
        if (!IS_REAL) {
            Loaded.once();
        }
    }

    private static final class Loaded {
        static {
            try {
                Path folder = Files.createDirectories(Path.of("target/tests/darwin"));
                Path library = folder.resolve("darwin-" + ProcessHandle.current().pid() + ".so");
                Process compiler = new ProcessBuilder("gcc", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                        "-o", library.toString(), SOURCE.toString()).redirectErrorStream(true).start();
                String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (compiler.waitFor() != 0) {
                    throw new AssertionError(said);
                }
                StandIn.load(library, "darwin_");
                Files.delete(library);
            } catch (IOException | InterruptedException failed) {
                throw new AssertionError(failed);
            }
        }

        /** Loading this class is what does it. */
        static void once() {}
    }
}
