/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.time.Duration;

/** Fails a test that hung; it has the stack that the test's thread had then. */
final class HungTestError extends AssertionError {

    private static final long serialVersionUID = 1;

    private transient volatile String report = "";

    HungTestError(String test, Duration limit, Thread thread) {
        super(test + " hung: it had not ended after " + limit.toMillis() / 1000.0 + " s. Its thread \""
                + thread.getName() + "\" was where this error's stack says; all stacks and open loops are on standard"
                + " error.");
        setStackTrace(thread.getStackTrace());
    }

    /** Returns what was printed. */
    String report() {
        return report;
    }

    void report(String printed) {
        report = printed;
    }
}
