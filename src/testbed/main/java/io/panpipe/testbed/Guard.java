/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.time.Duration;

/**
 * What the watchdog knows of one test, or of one class of tests. While a part of it is guarded by itself (a test of a
 * class, a dynamic test of a factory) its own time stands still, and begins anew then: what is left to it is what
 * happens between the parts.
 *
 * <p>Its state is guarded by the lock of {@link Guards}.
 */
final class Guard implements AutoCloseable {

    final String name;
    final Duration limit;
    final Duration grace;
    final boolean quiet;

    Guard around;
    int parts;
    Thread thread;
    long since;

    /** What the test fails with once it has hung. */
    HungTestError hung;
    /** Whether what hung goes on. */
    boolean hanging;
    long hangingSince;

    Guard(String name, Duration limit, Duration grace, boolean quiet) {
        this.name = name;
        this.limit = limit;
        this.grace = grace;
        this.quiet = quiet;
    }

    /** A phase of the test begins on this thread. */
    void enter() {
        Guards.enter(this);
    }

    /** A phase has ended, by what was thrown or by itself; throws if it had hung. */
    void leave(Throwable thrown) {
        if (Guards.leave(this)) {
            if (thrown != null && thrown != hung) {
                hung.addSuppressed(thrown);
            }
            throw hung;
        }
    }

    /** The test has ended. Again, because something else may have caught what was thrown when its phase had ended. */
    @Override
    public void close() {
        Guards.end(this);
        if (hung != null) {
            throw hung;
        }
    }
}
