/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that wait to be sent with the bytes of one pipe; the handles they came from may be closed meanwhile. Each
 * group leaves with the first of its bytes, exactly once.
 */
final class OutgoingHandles {

    private final ArrayDeque<HandleGroup> groups = new ArrayDeque<>();

    /** Adds descriptors that belong to the bytes from an offset in the stream to another, exclusive. */
    void add(long offset, long end, HandleGroup group) {
        group.attach(offset, end);
        groups.add(group);
    }

    /** Returns the descriptors that have to leave with the byte at an offset, or null. */
    @Nullable HandleGroup at(long offset) {
        HandleGroup first = groups.peek();
        return first != null && first.offset() == offset ? first : null;
    }

    /**
     * Returns how far a write from an offset on may reach: to the end of the bytes whose descriptors it carries, so that
     * the receiver does not find later bytes with them; or to where the next group begins; or to the end of all bytes.
     */
    long boundary(long offset, long end) {
        HandleGroup first = groups.peek();
        if (first == null) {
            return end;
        }
        return first.offset() == offset ? first.end() : first.offset();
    }

    /** Closes the first group, which has been sent. */
    void closeFirst() {
        groups.remove().close(true);
    }

    /** Closes all groups whose bytes begin at an offset or behind it. */
    void closeFrom(long offset) {
        for (Iterator<HandleGroup> all = groups.iterator(); all.hasNext(); ) {
            HandleGroup group = all.next();
            if (group.offset() >= offset) {
                all.remove();
                group.close(false);
            }
        }
    }
}
