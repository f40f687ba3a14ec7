/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads option values in the notations of the shell, so that a wrong one is a usage error that says what is right. */
final class Converters {

    private Converters() {}

    /** Times such as {@code 500ms}, {@code 5s}, {@code 1m}, or a number of seconds. */
    static final class Time implements ITypeConverter<Duration> {

        private static final Pattern SYNTAX = Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,3}))?(ms|s|m|h)?");

        @Override
        public Duration convert(String argument) {
            Matcher parts = SYNTAX.matcher(argument);
            if (!parts.matches()) {
                throw new TypeConversionException("'" + argument + "' is no time such as 500ms, 5s, 1.5s, 1m or 1h");
            }
            String fraction = parts.group(2) == null ? "" : parts.group(2);
            long thousandths = Long.parseLong(parts.group(1)) * 1000
                    + Long.parseLong((fraction + "000").substring(0, 3));
            String unit = parts.group(3) == null ? "s" : parts.group(3);
            Duration time = switch (unit) {
                case "ms" -> Duration.ofNanos(thousandths * 1000);
                case "m" -> Duration.ofMillis(thousandths * 60);
                case "h" -> Duration.ofMillis(thousandths * 3600);
                default -> Duration.ofMillis(thousandths);
            };
            return time.compareTo(TimeoutOption.FOREVER) < 0 ? time : TimeoutOption.FOREVER;
        }

        /** Writes a time as people read it. */
        static String text(Duration time) {
            return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
        }
    }

    /** Permissions in octal, as chmod takes them. */
    static final class Mode implements ITypeConverter<Mode.Permissions> {

        /** A type of its own, for picocli would take a set for an option with many values. */
        record Permissions(Set<PosixFilePermission> set) {}

        @Override
        public Permissions convert(String argument) {
            if (!argument.matches("0?[0-7]{3}")) {
                throw new TypeConversionException("'" + argument + "' is no mode such as 0600 or 0666");
            }
            int bits = Integer.parseInt(argument, 8);
            Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
            for (PosixFilePermission permission : PosixFilePermission.values()) {
                // The enum's order is that of the mode's bits, from the owner's read on.
                if ((bits & 0400 >> permission.ordinal()) != 0) {
                    set.add(permission);
                }
            }
            return new Permissions(set);
        }
    }

    /** Paths of files. */
    static final class File implements ITypeConverter<Path> {

        @Override
        public Path convert(String argument) {
            try {
                return Path.of(CommandLineText.decoded(argument));
            } catch (InvalidPathException invalid) {
                throw new TypeConversionException("'" + argument + "' is no path");
            }
        }
    }

    /** Whole numbers from 1 on. */
    static final class Count implements ITypeConverter<Integer> {

        @Override
        public Integer convert(String argument) {
            if (!argument.matches("[1-9]\\d{0,8}")) {
                throw new TypeConversionException("'" + argument + "' is no whole number from 1 to 999999999");
            }
            return Integer.valueOf(argument);
        }
    }
}
