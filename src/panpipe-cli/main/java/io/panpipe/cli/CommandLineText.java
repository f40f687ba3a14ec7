/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Pipe;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.TypeConversionException;

/**
 * What was typed, as far as the JVM tells. It decodes arguments by the locale's charset and puts one and the same character
 * in the place of each byte that this lacks, so that several names would be one.
 */
final class CommandLineText {

    private CommandLineText() {}

    /**
     * Returns an argument that names something.
     *
     * @throws TypeConversionException if it was not decoded
     */
    static String decoded(String argument) {
        if (argument.indexOf('\ufffd') < 0) {
            return argument;
        }
        throw new TypeConversionException("'" + argument + "' " + (charset().equals(StandardCharsets.UTF_8)
                ? "was not typed in UTF-8: name it by a symbolic link (ln -s)"
                : "has characters that this locale's charset, " + charset() + ", lacks: set LC_ALL=C.UTF-8"));
    }

    /** Returns the name of a path whose bytes are those of the locale. */
    static String path(String argument) {
        if (charset().equals(StandardCharsets.UTF_8)) {
            return argument;
        }
        try {
            return Pipe.nameOf(Path.of(argument));
        } catch (InvalidPathException invalid) {
            throw new TypeConversionException("'" + argument + "' is no path in this locale: set LC_ALL=C.UTF-8");
        }
    }

    private static Charset charset() {
        String name = System.getProperty("sun.jnu.encoding", System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }
}
