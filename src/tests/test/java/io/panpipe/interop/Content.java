/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The bytes that are sent: one pseudo-random block again and again, each time with its number in the first eight bytes,
 * so that every language can make it fast, and no piece that is lost, doubled or moved goes unnoticed.
 */
final class Content {

    /** A prime, so that pieces of usual sizes never fall on the same place of the block twice. */
    private static final int BLOCK = 1_000_003;

    private static final byte[] RANDOM = new byte[BLOCK];
    private static final Map<Long, String> DIGESTS = new ConcurrentHashMap<>();

    static {
        new Random(20_260_101).nextBytes(RANDOM);
    }

    private Content() {}

    /** Returns a copy of the bytes from a position on. */
    static byte[] piece(long from, int length) {
        byte[] piece = new byte[length];
        int filled = 0;
        while (filled < length) {
            long number = (from + filled) / BLOCK;
            int start = (int) ((from + filled) % BLOCK);
            int size = Math.min(length - filled, BLOCK - start);
            System.arraycopy(RANDOM, start, piece, filled, size);
            stamp(piece, filled, start, size, number);
            filled += size;
        }
        return piece;
    }

    private static void stamp(byte[] piece, int at, int start, int size, long number) {
        byte[] stamp = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        for (int i = start; i < Math.min(Long.BYTES, start + size); i++) {
            piece[at + i - start] = stamp[i];
        }
    }

    /** Returns the SHA-256 of the first bytes. */
    static String digest(long length) {
        return DIGESTS.computeIfAbsent(length, Content::computeDigest);
    }

    private static String computeDigest(long length) {
        MessageDigest digest = sha256();
        for (long at = 0; at < length; at += BLOCK) {
            digest.update(piece(at, (int) Math.min(BLOCK, length - at)));
        }
        return hex(digest);
    }

    /** Writes the first bytes to a file, for peers that only know files. */
    static Path write(Path file, long length) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (long at = 0; at < length; at += BLOCK) {
                out.write(piece(at, (int) Math.min(BLOCK, length - at)));
            }
        }
        return file;
    }

    /** Writes the block to a file, from which a peer makes the content itself. */
    static Path writeBlock(Path file) throws IOException {
        return Files.write(file, RANDOM);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
