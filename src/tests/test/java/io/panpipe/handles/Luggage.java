/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.PendingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor that a stranger sends, and how to know it again.
 *
 * @param descriptor its number at the stranger
 * @param type as what it has to be announced
 * @param identity what tells the open file from all others of this process
 */
record Luggage(int descriptor, PendingType type, String identity) {

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;

    /**
     * Opens a file of any kind.
     *
     * @param watched a descriptor that is open until all luggage is gone
     */
    static Luggage pack(Random random, int watched) {
        return switch (random.nextInt(8)) {
            case 0 -> of(Libc.memoryFile(""), PendingType.DESCRIPTOR);
            case 1 -> of(Libc.eventCounter(), PendingType.DESCRIPTOR);
            case 2 -> of(Libc.epoll(watched, NUMBERS.incrementAndGet()), PendingType.DESCRIPTOR);
            case 3 -> {
                int[] pipe = Libc.anonymousPipe();
                int sent = random.nextInt(2);
                Libc.close(pipe[1 - sent]);
                yield of(pipe[sent], PendingType.PIPE);
            }
            case 4 -> of(Libc.socket(AF_UNIX, SOCK_STREAM), PendingType.PIPE);
            case 5 -> of(Libc.socket(AF_UNIX, SOCK_DGRAM), PendingType.DESCRIPTOR);
            case 6 -> of(Libc.socket(AF_INET, SOCK_STREAM), PendingType.TCP);
            default -> of(Libc.socket(AF_INET, SOCK_DGRAM), PendingType.UDP);
        };
    }

    private static Luggage of(int descriptor, PendingType type) {
        return new Luggage(descriptor, type, identity(descriptor));
    }

    /** Tells an open file from others: by its inode; or where all of a kind share one, by what is inside. */
    static String identity(long descriptor) {
        String target = Libc.target(descriptor);
        if (!target.startsWith("anon_inode:")) {
            return target;
        }
        try {
            List<String> facts = Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor));
            return target + facts.stream()
                    .filter(fact -> fact.startsWith("eventfd-id") || fact.startsWith("tfd")).toList();
        } catch (IOException closed) {
            return "";
        }
    }
}
