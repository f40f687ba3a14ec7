/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** An event loop and pipes for the JVM, in pure Java on the Foreign Function and Memory API. */
module io.panpipe {
    // Annotations, for the compiler and tools only: nobody needs the jar at run time.
    requires static org.jspecify;

    // Only the panpipe command needs it; the library runs without.
    requires static info.picocli;

    // Only io.panpipe.jnr needs it. An automatic module: pom.xml says why the compiler does not warn of that.
    requires static org.jnrproject.unixsocket;

    exports io.panpipe;
    exports io.panpipe.channels;
    exports io.panpipe.jnr;
    exports io.panpipe.testing;

    // picocli fills the fields of the panpipe command by reflection.
    opens io.panpipe.cli to info.picocli;
}
