/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import io.panpipe.Loop;

/** Where a random program runs: a simulated machine with whatever faults, or the running system. */
interface Machine extends AutoCloseable {

    /** Makes a loop, of a process of its own where there are such. */
    Loop newLoop() throws Exception;

    String freshName();

    /** Runs all loops until none is alive; tells whether that has come true. */
    boolean run() throws Exception;

    /** Tells whether connections may break, calls fail and time be long without the program's doing. */
    boolean hasFaults();

    /** Tells whether the process of a loop was killed, so that nothing can be expected of it. */
    boolean isDead(Loop loop);

    /** Fails if anything is left. */
    void checkNothingLeft();

    /** Returns what happened, as far as the machine knows. */
    String history();

    @Override
    void close();
}
