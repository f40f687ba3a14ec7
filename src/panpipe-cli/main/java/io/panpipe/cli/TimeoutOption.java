/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option of every subcommand that connects; without it a connect waits while the server's backlog is full. */
final class TimeoutOption {

    /** The longest that there is. */
    static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            description = "How long to wait for a server whose backlog is full, or a host that does not answer, such as"
                    + " 500ms or 5s (default: as long as it takes, or as the system tries).")
    private @Nullable Duration timeout;

    Duration get() {
        return timeout == null ? FOREVER : timeout;
    }
}
