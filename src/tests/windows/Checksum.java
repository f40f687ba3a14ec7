/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Keeps out what is not, byte for byte, what the project has seen before. */
final class Checksum {

    private Checksum() {}

    /** Fails, and deletes the file, unless it has the expected digest. */
    static void require(String algorithm, byte[] expected, Path file) throws IOException, LaneException {
        byte[] actual;
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            actual = digest.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
        if (!MessageDigest.isEqual(expected, actual)) {
            Files.delete(file);
            throw new LaneException("the " + algorithm + " of " + file + " was " + HexFormat.of().formatHex(actual)
                    + ", not " + HexFormat.of().formatHex(expected) + "; the file is deleted");
        }
    }
}
