/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/** Has the library call another C library than that of the running system. */
public final class StandIn {

    private StandIn() {}

    /**
     * Takes the functions of the C library from a library whose names have a prefix, so that it can call the real ones. For this
     * JVM, and before the library has made its first call.
     */
    @SuppressWarnings("restricted")
    public static void load(Path library, String prefix) {
        SymbolLookup found = SymbolLookup.libraryLookup(library, Arena.global());
        NativeFunctions.standIn(name -> found.find(prefix + name));
    }
}
