/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.UUID;

/** The names of pipes: {@code \\.\pipe\} and up to 247 characters, in which case does not matter. */
final class PipeName {

    static final String PREFIX = "\\\\.\\pipe\\";

    private static final String OTHER_PREFIX = "\\\\?\\pipe\\";

    /** The whole name's limit ("CreateNamedPipe"). */
    private static final int MOST_CHARACTERS = 256;

    private PipeName() {}

    /**
     * Refuses what cannot be the name of a pipe of this machine. Another machine's would block the loop.
     *
     * @return the name as the system takes it everywhere: slashes in the prefix, which programs for several systems write
     *     ({@code //./pipe/demo}), are the same as backslashes
     */
    static String checked(String name, String call) throws KernelException {
        if (name.length() > MOST_CHARACTERS) {
            throw new KernelException(Fault.ENAMETOOLONG, 0, call,
                    "a pipe's name has at most " + MOST_CHARACTERS + " characters");
        }
        if (name.indexOf(0) >= 0) {
            throw new KernelException(Fault.EINVAL, 0, call, "a pipe's name contains no NUL");
        }
        String rest = name.substring(Math.min(name.length(), PREFIX.length()));
        String begin = name.substring(0, name.length() - rest.length()).replace('/', '\\');
        boolean isVerbatim = startsWith(name, OTHER_PREFIX);
        if (!startsWith(begin, PREFIX) && !startsWith(begin, OTHER_PREFIX) || rest.isEmpty()) {
            throw new KernelException(Fault.EINVAL, 0, call, "a pipe's name begins with " + PREFIX
                    + " on Windows: Pipe.portableName makes one");
        }
        if (isAlias(rest)) {
            throw new KernelException(Fault.EINVAL, 0, call, "no part of a pipe's name ends with a dot or a space");
        }
        // Behind that very prefix a slash is a character of the name; behind all others it separates.
        return isVerbatim && rest.indexOf('/') >= 0 ? name : PREFIX + rest;
    }

    /** Returns a name that was checked as WaitNamedPipe takes it, which does not know the other prefix. */
    static String forWaiting(String checked) {
        return PREFIX + checked.substring(PREFIX.length());
    }

    /** Tells whether Win32 would take a name for another one: it resolves dots, also to names outside of the pipes. */
    private static boolean isAlias(String rest) {
        for (String part : rest.split("[/\\\\]")) {
            if (part.endsWith(".") || part.endsWith(" ")) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /**
     * Makes a name that nobody can guess.
     *
     * @param isContained whether it is for a process in an AppContainer, which may make names of its own container alone
     */
    static String unique(boolean isContained) {
        return PREFIX + (isContained ? "LOCAL\\" : "") + "panpipe-" + UUID.randomUUID();
    }
}
