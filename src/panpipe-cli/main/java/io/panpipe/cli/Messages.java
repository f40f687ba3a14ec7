/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.IOException;
import java.io.PrintStream;

/**
 * Writes what the user is told to standard error: one line for each failure, and at most one live line, which makes way
 * for the others.
 */
final class Messages {

    private static final String PREFIX = "panpipe: ";

    private final PrintStream err;
    private final boolean verbose;
    private int liveLength;

    Messages(PrintStream err, boolean verbose) {
        this.err = err;
        this.verbose = verbose;
    }

    boolean isVerbose() {
        return verbose;
    }

    /** Tells a failure in one line, and with {@code --verbose} where it came from. */
    void error(String context, Throwable failure) {
        line(context.isEmpty() ? describe(failure) : context + ": " + describe(failure));
        if (verbose) {
            failure.printStackTrace(err);
        }
    }

    void error(String text) {
        line(text);
    }

    /** Tells what is no failure. */
    void tell(String text) {
        line(text);
    }

    /** Tells what only {@code --verbose} wants to know. */
    void detail(String text) {
        if (verbose) {
            line(text);
        }
    }

    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        // The JDK appends pages of advice to some messages.
        String first = message.strip().lines().findFirst().orElse("");
        // These messages are made for the user; what else is thrown says little without its kind.
        boolean made = failure instanceof IOException
                || failure instanceof UnsupportedOperationException
                || failure instanceof IllegalCallerException;
        return made ? first : failure.getClass().getSimpleName() + ": " + first;
    }

    private void line(String text) {
        clear();
        err.println(PREFIX + text);
    }

    /** Shows a line in the place of the last live one. */
    void live(String text) {
        String padding = " ".repeat(Math.max(0, liveLength - text.length()));
        err.print('\r' + text + padding + '\r' + text);
        err.flush();
        liveLength = text.length();
    }

    /** Leaves the last live line where it is, and goes on below it. */
    void endLive() {
        if (liveLength > 0) {
            err.println();
            liveLength = 0;
        }
    }

    private void clear() {
        if (liveLength > 0) {
            err.print('\r' + " ".repeat(liveLength) + '\r');
            liveLength = 0;
        }
    }
}
