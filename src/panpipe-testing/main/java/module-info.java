/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** A machine that exists in memory only, to test programs that use Panpipe. */
module io.panpipe.testing {
    requires transitive io.panpipe;
    requires static org.jspecify;

    exports io.panpipe.testing;
}
