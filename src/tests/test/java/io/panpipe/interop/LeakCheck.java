/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds sockets of one test that are still open after it.
 *
 * <p>Other tests open and close descriptors in the same JVM at the same time, and a number soon means another socket.
 * So this remembers the inodes of the test's own sockets, and looks for the test's directory in the kernel's list.
 */
final class LeakCheck {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path UNIX_SOCKETS = Path.of("/proc/net/unix");

    private final Set<String> inodes = new HashSet<>();
    private final String directory;

    LeakCheck(Path directory) {
        this.directory = directory + "/";
    }

    /** Remembers a pipe that is connected or bound. */
    void track(Pipe pipe) throws PanpipeException {
        inodes.add(target(DESCRIPTORS.resolve(Long.toString(pipe.fileno()))));
    }

    /** Waits until no tracked socket is open in this process, and none anywhere has a name in the directory. */
    void check() {
        Deadline.await("all sockets of this process are closed", () -> !isOneOpen());
        Deadline.await("no socket has a name in " + directory, () -> !hasNames());
    }

    private boolean isOneOpen() {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : open) {
                if (inodes.contains(target(descriptor))) {
                    return true;
                }
            }
            return false;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Returns what a descriptor is, such as {@code socket:[4711]}; nothing where it was closed meanwhile. */
    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    private boolean hasNames() {
        try {
            return Files.readString(UNIX_SOCKETS, StandardCharsets.ISO_8859_1).contains(directory);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
