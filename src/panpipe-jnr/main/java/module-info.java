/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** Sockets that move between jnr-unixsocket and a loop, for programs that go over from the one to the other. */
module io.panpipe.jnr {
    requires transitive io.panpipe;
    requires static org.jspecify;

    // Automatic modules: pom.xml says why the compiler does not warn of that.
    requires org.jnrproject.unixsocket;
    requires org.jnrproject.posix;

    exports io.panpipe.jnr;
}
