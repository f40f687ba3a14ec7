/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that wait to be sent with the bytes of one pipe: duplicates, so that the handles they came from may be
 * closed meanwhile. Each group leaves with the first of its bytes, exactly once.
 */
final class OutgoingHandles {

    private final Loop loop;
    private final ArrayDeque<Group> groups = new ArrayDeque<>();

    private record Group(long offset, long end, long[] descriptors) {}

    OutgoingHandles(Loop loop) {
        this.loop = loop;
    }

    /**
     * Duplicates handles.
     *
     * @throws PanpipeException EMFILE if there is no descriptor left; none is duplicated then
     */
    static long[] duplicate(Loop loop, Handle[] handles) throws PanpipeException {
        long[] copies = new long[handles.length];
        for (int i = 0; i < handles.length; i++) {
            try {
                copies[i] = handles[i].duplicate();
            } catch (PanpipeException | RuntimeException refused) {
                for (int made = 0; made < i; made++) {
                    loop.selector().closeDescriptor(copies[made]);
                }
                throw refused;
            }
        }
        return copies;
    }

    /** Adds descriptors that belong to the bytes from an offset in the stream to another, exclusive. */
    void add(long offset, long end, long[] descriptors) {
        groups.add(new Group(offset, end, descriptors));
    }

    /** Returns the descriptors that have to leave with the byte at an offset, or null. */
    long @Nullable [] at(long offset) {
        Group first = groups.peek();
        return first != null && first.offset == offset ? first.descriptors : null;
    }

    /**
     * Returns how far a write from an offset on may reach: to the end of the bytes whose descriptors it carries, so that
     * the receiver does not find later bytes with them; or to where the next group begins; or to the end of all bytes.
     */
    long boundary(long offset, long end) {
        Group first = groups.peek();
        if (first == null) {
            return end;
        }
        return first.offset == offset ? first.end : first.offset;
    }

    /** Closes the copies that have been sent, or never will be. */
    void closeFirst() {
        close(loop, groups.remove().descriptors);
    }

    /** Closes copies that belong to no group. */
    static void close(Loop loop, long[] descriptors) {
        for (long descriptor : descriptors) {
            loop.selector().closeDescriptor(descriptor);
        }
    }

    /** Closes all groups whose bytes begin at an offset or behind it. */
    void closeFrom(long offset) {
        for (Iterator<Group> all = groups.iterator(); all.hasNext(); ) {
            Group group = all.next();
            if (group.offset >= offset) {
                all.remove();
                close(loop, group.descriptors);
            }
        }
    }
}
