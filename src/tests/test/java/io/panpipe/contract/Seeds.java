/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import java.util.stream.LongStream;

/** The seeds of simulated schedules: a few each time, or those of {@code -Dpanpipe.seeds=1000-1999}. */
final class Seeds {

    private Seeds() {}

    static LongStream few() {
        String[] range = System.getProperty("panpipe.seeds", "1-5").split("-");
        return LongStream.rangeClosed(Long.parseLong(range[0]), Long.parseLong(range[range.length - 1]));
    }
}
