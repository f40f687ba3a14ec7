/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Standard input and output, if this process was given any.
 *
 * <p>Where one was closed ({@code <&-}), its number is the first that the JVM opens a file with, such as the image of its
 * own classes: that must be neither sent nor closed.
 */
final class StandardStreams {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path FACTS = Path.of("/proc/self/fdinfo");
    private static final int O_CLOEXEC = 02000000;
    private static final int COUNT = 3;

    /** What stands in the place of those that are not open, so that no socket gets their numbers. */
    private static final List<InputStream> PLUGS = new ArrayList<>();

    private static final boolean[] OPEN = look();

    private StandardStreams() {}

    /** Looks which are open, before anything else is opened. */
    static void settle() {
        // The class's initializer has done it.
    }

    /** Returns standard input; one that was not given cannot be read. Closing it does nothing. */
    static InputStream in() {
        return OPEN[0] ? new FileInputStream(FileDescriptor.in) {
            @Override
            public void close() {}
        } : new InputStream() {
            @Override
            public int read() throws IOException {
                throw notOpen();
            }
        };
    }

    /** Returns standard output; to one that was not given nothing can be written. Closing it does nothing. */
    static OutputStream out() {
        return OPEN[1] ? new FileOutputStream(FileDescriptor.out) {
            @Override
            public void close() {}
        } : new OutputStream() {
            @Override
            public void write(int data) throws IOException {
                throw notOpen();
            }
        };
    }

    private static IOException notOpen() {
        return new IOException("it is not open");
    }

    private static boolean[] look() {
        boolean[] open = new boolean[COUNT];
        // Not on Windows, also where it has such a folder: Wine shows the one of the system that it runs on.
        boolean isKnown = File.separatorChar == '/' && Files.isDirectory(DESCRIPTORS);
        for (int descriptor = 0; descriptor < COUNT; descriptor++) {
            open[descriptor] = !isKnown || isGiven(descriptor);
        }
        return open;
    }

    private static boolean isGiven(int descriptor) {
        try {
            String number = Integer.toString(descriptor);
            if (!Files.exists(DESCRIPTORS.resolve(number), LinkOption.NOFOLLOW_LINKS)) {
                // The system gives the lowest number that is free.
                PLUGS.add(new FileInputStream("/dev/null"));
                return false;
            }
            Path target = Files.readSymbolicLink(DESCRIPTORS.resolve(number));
            return !isClosedOnExec(number) && !(isOfJvm(target) && isAlone(target));
        } catch (IOException unreadable) {
            return true;
        }
    }

    /** What was there when this program started cannot have been closed by that. */
    private static boolean isClosedOnExec(String number) throws IOException {
        for (String line : Files.readAllLines(FACTS.resolve(number))) {
            if (line.startsWith("flags:")) {
                return (Integer.parseInt(line.substring("flags:".length()).strip(), 8) & O_CLOEXEC) != 0;
            }
        }
        return false;
    }

    /** Tells whether it is a file that the JVM itself has open, for as long as it runs. */
    private static boolean isOfJvm(Path target) throws IOException {
        if (!target.isAbsolute()) {
            return false;
        }
        if (target.startsWith(Path.of(System.getProperty("java.home")).toRealPath())) {
            return true;
        }
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
            Path place = Path.of(entry);
            if (!entry.isEmpty() && Files.isRegularFile(place) && target.equals(place.toRealPath())) {
                return true;
            }
        }
        return false;
    }

    /** Such a file may be given all the same, and is then open twice. */
    private static boolean isAlone(Path target) throws IOException {
        int count = 0;
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            for (Path descriptor : descriptors.toList()) {
                count += leadsTo(descriptor, target) ? 1 : 0;
            }
        }
        return count == 1;
    }

    private static boolean leadsTo(Path descriptor, Path target) {
        try {
            return Files.readSymbolicLink(descriptor).equals(target);
        } catch (IOException closed) {
            // The listing's own descriptor.
            return false;
        }
    }
}
