/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import picocli.CommandLine.Option;

/** In which direction the standard streams are connected, of which a command has at most one of these options. */
final class DirectionOptions {

    @Option(names = "--send-only", description = "Send standard input and drop what comes back.")
    private boolean sendOnly;

    @Option(
            names = "--recv-only",
            description = "Only receive: standard input is not read, and no half-close says that it has ended.")
    private boolean receiveOnly;

    boolean isAny() {
        return sendOnly || receiveOnly;
    }

    boolean sends() {
        return !receiveOnly;
    }

    boolean receives() {
        return !sendOnly;
    }
}
