/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.util.Arrays;

/** The descriptors that came with the bytes of one read, and whether some were lost. One object serves a loop's reads. */
public final class HandleInbox {

    private long[] descriptors = new long[16];
    private int count;
    private boolean truncated;

    /** Forgets what the last read has brought. */
    public void clear() {
        count = 0;
        truncated = false;
    }

    /** Adds a descriptor, which belongs to the reader from now on. */
    public void add(long descriptor) {
        if (count == descriptors.length) {
            descriptors = Arrays.copyOf(descriptors, count * 2);
        }
        descriptors[count++] = descriptor;
    }

    /** Notes that the system had more descriptors to give than it could: the process has no room for them. */
    public void markTruncated() {
        truncated = true;
    }

    /** Returns how many descriptors came. */
    public int count() {
        return count;
    }

    /** Returns one of them, in the order in which they were sent. */
    public long descriptor(int index) {
        return descriptors[index];
    }

    /** Tells whether descriptors were lost. */
    public boolean isTruncated() {
        return truncated;
    }
}
