/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads pipe names from the command line, where nobody can type the NUL that begins an abstract name, nor likes to type
 * where Windows keeps its pipes.
 */
final class PipeNames implements ITypeConverter<String> {

    @Override
    public String convert(String argument) {
        if (argument.isEmpty() || argument.equals("@")) {
            throw new TypeConversionException("the name is empty");
        }
        return OperatingSystem.CURRENT.pipeName(CommandLineText.decoded(argument));
    }

    /** Writes a name as the command line has it; what is not UTF-8, which no command line of that has, as U+FFFD. */
    static String printable(String name) {
        return name.replace('\0', '@').replaceAll("[\udc80-\udcff]", "\ufffd");
    }
}
