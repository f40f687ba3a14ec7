/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import picocli.CommandLine.TypeConversionException;

/** What a person at the running system expects of names and commands: the one place where the command asks for it. */
enum OperatingSystem {

    /** Names are paths; {@code @name} is an abstract one, as in socat, ss and systemd. */
    UNIX {
        @Override
        String pipeName(String argument) {
            // A path has the locale's bytes, which the shell has typed, and need not be UTF-8.
            return argument.startsWith("@") ? '\0' + argument.substring(1) : CommandLineText.path(argument);
        }

        @Override
        boolean isSame(String one, String other) {
            if (one.startsWith("\0") || other.startsWith("\0")) {
                return one.equals(other);
            }
            try {
                return Files.isSameFile(Pipe.pathOf(one), Pipe.pathOf(other));
            } catch (IOException missing) {
                return false;
            }
        }

        @Override
        String nullDevice() {
            return "/dev/null";
        }

        @Override
        List<String> shell(String command) {
            return List.of("sh", "-c", command);
        }
    },

    /** A plain name is one below {@code \\.\pipe\}, where all pipes are. */
    WINDOWS {
        @Override
        String pipeName(String argument) {
            if (argument.startsWith("\\\\") || argument.startsWith("//")) {
                return argument;
            }
            if (argument.indexOf('\\') >= 0) {
                throw new TypeConversionException("'" + argument + "' is no name such as demo or " + PIPES + "demo");
            }
            return PIPES + argument;
        }

        @Override
        boolean isSame(String one, String other) {
            return one.equalsIgnoreCase(other);
        }

        @Override
        String nullDevice() {
            return "NUL";
        }

        @Override
        List<String> shell(String command) {
            // With /s, cmd takes off just these quotes and leaves those of the command alone; /d: no AutoRun.
            return List.of("cmd.exe", "/d", "/s", "/c", '"' + command + '"');
        }
    };

    static final OperatingSystem CURRENT = System.getProperty("os.name").startsWith("Windows") ? WINDOWS : UNIX;

    private static final String PIPES = "\\\\.\\pipe\\";

    /** Returns the pipe's name that an argument stands for. */
    abstract String pipeName(String argument);

    /** Returns the path of what is always empty. */
    abstract String nullDevice();

    /** Tells whether two names are one pipe's, of which there is one. */
    abstract boolean isSame(String one, String other);

    /** Returns how the system's shell is told to run a command. */
    abstract List<String> shell(String command);
}
