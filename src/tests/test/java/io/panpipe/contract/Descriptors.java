/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The descriptors that this process has open, and what each stands for: on Linux by the links of /proc. Other Unixes have but the
 * numbers, as files of /dev/fd that stat(2) takes for what they stand for.
 */
final class Descriptors {

    /** How a descriptor's number is asked what it stands for. */
    enum View {

        /** Linux's: the kind and the inode of everything, and the names of files. */
        LINKS("/proc/self/fd") {
            @Override
            String targetOf(Path descriptor) throws IOException {
                return Files.readSymbolicLink(descriptor).toString();
            }
        },

        /** Every Unix's: sockets and pipes, where the system gives them inodes. kqueues and the like have none, and are not seen. */
        STATUS("/dev/fd") {
            @Override
            String targetOf(Path descriptor) throws IOException {
                Map<String, Object> status = Files.readAttributes(descriptor, "unix:mode,ino");
                String kind = switch ((int) status.get("mode") & FORMAT) {
                    case SOCKET -> "socket";
                    case FIFO -> "pipe";
                    default -> "";
                };
                return kind.isEmpty() ? "" : kind + ":[" + status.get("ino") + "]";
            }
        };

        private static final int FORMAT = 0170000;
        private static final int SOCKET = 0140000;
        private static final int FIFO = 0010000;

        private final Path place;

        View(String place) {
            this.place = Path.of(place);
        }

        abstract String targetOf(Path descriptor) throws IOException;

        boolean isThere() {
            return Files.isDirectory(place);
        }

        /** Returns what a descriptor stands for, such as {@code socket:[4711]}; empty for what is not open, or is not known. */
        final String target(long descriptor) {
            return orNothing(place.resolve(Long.toString(descriptor)));
        }

        private String orNothing(Path descriptor) {
            try {
                return targetOf(descriptor);
            } catch (IOException gone) {
                return "";
            }
        }

        /** Returns what all that are open stand for, by number. */
        final Map<Long, String> all() throws IOException {
            Map<Long, String> all = new TreeMap<>();
            try (Stream<Path> files = Files.list(place)) {
                for (Path file : files.toList()) {
                    all.put(Long.valueOf(file.getFileName().toString()), orNothing(file));
                }
            }
            return all;
        }
    }

    /** The one that sees most here. */
    static final View VIEW = View.LINKS.isThere() ? View.LINKS : View.STATUS;

    private Descriptors() {}

    /**
     * Tells whether a target tells one open file from all others. Not where a system gives several the inode 0, as macOS does with
     * sockets of TCP and UDP.
     */
    static boolean isUnique(String target) {
        return !target.isEmpty() && !target.endsWith(":[0]");
    }
}
