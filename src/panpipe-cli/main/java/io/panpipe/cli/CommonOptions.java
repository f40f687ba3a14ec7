/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.IOException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that every subcommand has, and the frame in which each runs, so that failures end alike in all. */
final class CommonOptions {

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell of connections, and show stack traces of failures.")
    private boolean verbose;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no live line where standard error is a terminal.")
    private boolean quiet;

    /** What a subcommand does: it starts its handles, and the loop then runs them. */
    @FunctionalInterface
    interface Body {
        void start(Session session) throws IOException;
    }

    boolean isQuiet() {
        return quiet;
    }

    /** Runs a subcommand and returns its exit code. */
    int run(Body body) {
        Messages messages = new Messages(System.err, verbose);
        try (Session session = new Session(messages)) {
            body.start(session);
            return session.run();
        } catch (ParameterException wrong) {
            // Wrong usage that only the system could tell.
            throw wrong;
        } catch (IOException | RuntimeException failure) {
            messages.error("", failure);
            return 1;
        }
    }
}
