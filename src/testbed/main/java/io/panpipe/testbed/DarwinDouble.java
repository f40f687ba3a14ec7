/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Darwin, for tests: the real one, or on Linux a double of its C library, in a JVM that is started for that with {@code
 * -Dpanpipe.darwin=double}, and in its children. See {@code src/tests/darwin}. The library is reached by reflection, as the
 * watchdog reaches its loops.
 */
public final class DarwinDouble {

    private static final String WANTED = System.getProperty("panpipe.darwin", "");
    private static final boolean IS_REAL = System.getProperty("os.name").equals("Mac OS X") && WANTED.isEmpty();
    private static final Path SOURCE = Path.of("src/tests/darwin/darwin.c");

    private DarwinDouble() {}

    /** Tells whether the kernel of macOS can be used in this JVM. */
    public static boolean isThere() {
        return IS_REAL || isDoubled();
    }

    /** Tells whether it is the double that is used. */
    public static boolean isDoubled() {
        return !WANTED.isEmpty();
    }

    /** Has the library call the double, if it is wanted. Before the library makes its first call. */
    public static void prepare() {
        if (isDoubled()) {
            Loaded.once();
        }
    }

    /** Returns the options of a child that has the double too, and takes itself for a Mac. */
    static List<String> options() {
        return isDoubled() ? List.of("-Dpanpipe.darwin=" + Loaded.LIBRARY, "-Dos.name=Mac OS X") : List.of();
    }

    private static final class Loaded {

        static final Path LIBRARY = WANTED.equals("double") ? make() : Path.of(WANTED);

        static {
            load();
        }

        /** Loading this class is what does it. */
        static void once() {}

        private static Path make() {
            try {
                // Where children that are other users can read it.
                Path folder = Files.createTempDirectory(Path.of("/tmp"), "darwin",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
                Path library = folder.resolve("darwin.so");
                folder.toFile().deleteOnExit();
                library.toFile().deleteOnExit();
                Process compiler = new ProcessBuilder("gcc", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                        "-o", library.toString(), SOURCE.toString()).redirectErrorStream(true).start();
                String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (compiler.waitFor() != 0) {
                    throw new AssertionError(said);
                }
                return library;
            } catch (IOException | InterruptedException failed) {
                throw new AssertionError(failed);
            }
        }

        @SuppressWarnings("restricted")
        private static void load() {
            SymbolLookup found = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
            SymbolLookup doubled = name -> found.find("darwin_" + name);
            try {
                Method standIn = Class.forName("io.panpipe.internal.ffi.NativeFunctions")
                        .getDeclaredMethod("standIn", SymbolLookup.class);
                standIn.setAccessible(true);
                standIn.invoke(null, doubled);
            } catch (ReflectiveOperationException changed) {
                throw new AssertionError(changed);
            }
        }
    }
}
