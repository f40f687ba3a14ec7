/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.NameBytes;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The JDK's paths, byte by byte.
 *
 * <p>A path of a Unix is bytes, but tells its text alone, decoded by the locale's charset, where what cannot be decoded is
 * lost. Its URI has the bytes themselves, and gives them back.
 */
public final class PathNames {

    private static final int LAST_ASCII = 0x7f;

    private PathNames() {}

    /** Returns the name of a socket with a path. */
    public static String nameOf(Path path) {
        String text = path.toString();
        if (isAscii(text)) {
            return text;
        }
        byte[] bytes = bytes(path);
        int from = path.isAbsolute() ? 0 : bytes(Path.of("")).length;
        return NameBytes.decode(bytes, from, bytes.length - from);
    }

    /**
     * Returns the path that a name stands for.
     *
     * @throws InvalidPathException if no path is so named
     */
    public static Path pathOf(String name) {
        if (isAscii(name)) {
            return Path.of(name);
        }
        byte[] bytes = NameBytes.encode(name);
        if (bytes == null || name.indexOf('\0') >= 0) {
            throw new InvalidPathException(NameBytes.printable(name), "not a path");
        }
        Path working = Path.of("").toAbsolutePath();
        StringBuilder uri = new StringBuilder("file://");
        if (bytes[0] != '/') {
            // It ends in a slash only where the directory can be looked at by that path.
            String base = working.toUri().getRawPath();
            uri.append(base).append(base.endsWith("/") ? "" : "/");
        }
        for (byte each : bytes) {
            // Whatever may stand in a URI as it is: all may stand there so.
            uri.append(each == '/' ? "/" : String.format("%%%02x", each));
        }
        Path path = Path.of(URI.create(uri.toString()));
        return bytes[0] == '/' ? path : path.subpath(working.getNameCount(), path.getNameCount());
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c <= LAST_ASCII);
    }

    /** Returns the bytes of a path made absolute; the working directory's end in a slash, as a directory's do in a URI. */
    private static byte[] bytes(Path path) {
        String raw = path.toUri().getRawPath();
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char next = raw.charAt(i);
            if (next == '%') {
                next = (char) Integer.parseInt(raw.substring(i + 1, i + 3), 16);
                i += 2;
            }
            bytes[length++] = (byte) next;
        }
        boolean isWorking = path.toString().isEmpty();
        if (!isWorking && length > 1 && bytes[length - 1] == '/') {
            // It is a directory: no path ends so by itself.
            length--;
        }
        byte[] exact = new byte[length];
        System.arraycopy(bytes, 0, exact, 0, length);
        return exact;
    }
}
