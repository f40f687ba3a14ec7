/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells whether a standard stream is a terminal, which Java itself tells only of all of them together, and since Java
 * 22 not without a method that Java 21 does not have.
 */
final class Terminal {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private Terminal() {}

    /** Answers isatty(3) for one of 0, 1 and 2. */
    static boolean is(int descriptor) {
        try {
            if (!Files.isDirectory(DESCRIPTORS)) {
                return saysShell(descriptor);
            }
            String target = Files.readSymbolicLink(DESCRIPTORS.resolve(Integer.toString(descriptor))).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException closed) {
            // The descriptor is not open, or there is no shell: no place for a live line either way.
            return false;
        }
    }

    /** Asks a shell, which inherits the stream: slower, but the same on every Unix. */
    private static boolean saysShell(int descriptor) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", "test -t " + descriptor).inheritIO().start();
        try {
            return shell.waitFor() == 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
