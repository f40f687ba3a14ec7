/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

/**
 * Lets messages of one kind through to the log until there are too many, and counts the others: some in a row, and one more
 * for each second after that. What a stranger can cause must not fill a disk.
 */
final class LogLimit {

    private static final int MOST_IN_A_ROW = 16;
    private static final long NANOS_PER_MESSAGE = 1_000_000_000;

    private int left = MOST_IN_A_ROW;
    private long counted;
    private long omitted;

    /** Tells whether a message may be logged now, and counts it. */
    boolean permits(long now) {
        long earned = Math.min(MOST_IN_A_ROW - left, (now - counted) / NANOS_PER_MESSAGE);
        left += (int) earned;
        counted = left == MOST_IN_A_ROW ? now : counted + earned * NANOS_PER_MESSAGE;
        if (left == 0) {
            omitted++;
            return false;
        }
        left--;
        return true;
    }

    /** Returns what to add to a message about those that were not logged before it. */
    String takeOmitted() {
        long count = omitted;
        omitted = 0;
        return count == 0 ? "" : ": " + count + " before this one were not logged, since there were too many";
    }
}
