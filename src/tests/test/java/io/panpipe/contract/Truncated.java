/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Memory that throws an Error when it is read: a mapped file that somebody has truncated, as log rotation does. */
public final class Truncated {

    private static final int PAGE = 4096;

    private Truncated() {}

    /** Returns a buffer of which nothing is there any more. */
    public static ByteBuffer buffer(int size) throws IOException {
        return buffer(size, 0);
    }

    /**
     * Returns a buffer of which only the beginning is there.
     *
     * @param pages how many pages of it are
     */
    public static ByteBuffer buffer(int size, int pages) throws IOException {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "a mapped file cannot be truncated there");
        Path file = Files.createTempFile("truncated", "");
        try {
            byte[] data = new byte[size];
            Arrays.fill(data, (byte) 'm');
            Files.write(file, data);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
                channel.truncate((long) pages * PAGE);
                return mapped;
            }
        } finally {
            Files.delete(file);
        }
    }
}
