/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** What people use Panpipe by: the {@code panpipe} command, and {@code jshell}. */
module io.panpipe.cli {
    requires transitive io.panpipe;
    requires info.picocli;
    // Only for scripts.
    requires static jdk.jshell;
    requires static org.jspecify;

    exports io.panpipe.jshell;

    // picocli fills the fields of the commands by reflection.
    opens io.panpipe.cli to info.picocli;
}
