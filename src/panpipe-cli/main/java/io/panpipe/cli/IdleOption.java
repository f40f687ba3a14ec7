/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.StreamHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of subcommands that end connections on which nothing goes on, as nc's {@code -w} and socat's {@code -T}. */
final class IdleOption {

    @Option(
            names = {"-w", "--idle"},
            paramLabel = "TIME",
            converter = Converters.Time.class,
            description = "Close a connection on which nothing was sent or received for this long, as nc does: that is no"
                    + " failure unless something was still to be sent.")
    private @Nullable Duration limit;

    /** Has something done whenever nothing has moved on a connection for the time, if one is set. */
    void watch(StreamHandle<?> stream, Runnable idle) {
        Duration present = limit;
        if (present != null) {
            stream.idleTimeout(present, handle -> idle.run());
        }
    }

    /** Returns what is told of a connection that was closed for this. */
    String reason() {
        Duration present = limit;
        return "closed, for nothing was sent or received"
                + (present == null ? "" : " for " + Converters.Time.text(present));
    }
}
