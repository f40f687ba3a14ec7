/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** The {@code panpipe} command. */
module io.panpipe.cli {
    requires io.panpipe;
    requires info.picocli;
    requires static org.jspecify;

    // picocli fills the fields of the commands by reflection.
    opens io.panpipe.cli to info.picocli;
}
