/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that have come over one IPC pipe and wait to be accepted, first in, first out.
 *
 * <p>A peer that sends handles faster than they are accepted must not exhaust this process, so the pipe stops reading
 * while too many wait; the peer then waits too, once its socket buffer is full.
 */
public final class PendingHandles {

    /** As many may wait before reading pauses; one more message can bring another 253. */
    private static final int MOST_WAITING = 64;

    private final Selector selector;
    private long[] waiting = new long[4];
    private int first;
    private int count;
    private @Nullable HandleKind firstKind;
    private boolean lost;

    PendingHandles(Selector selector) {
        this.selector = selector;
    }

    /** Takes what the last read has brought. */
    void take(HandleInbox inbox) {
        lost |= inbox.isTruncated();
        for (int i = 0; i < inbox.count(); i++) {
            if (lost) {
                // Which of them are missing is not known: a rest would be taken for something else.
                selector.closeDescriptor(inbox.descriptor(i));
            } else {
                takeOne(inbox.descriptor(i));
            }
        }
    }

    private void takeOne(long descriptor) {
        try {
            add(descriptor);
        } catch (OutOfMemoryError none) {
            lost = true;
            selector.closeDescriptor(descriptor);
        }
    }

    private void add(long descriptor) {
        if (count == waiting.length) {
            long[] more = new long[count * 2];
            System.arraycopy(waiting, first, more, 0, count - first);
            System.arraycopy(waiting, 0, more, count - first, first);
            waiting = more;
            first = 0;
        }
        waiting[first + count & waiting.length - 1] = descriptor;
        count++;
    }

    private HandleKind kindOf(long descriptor) {
        try {
            return selector.kindOf(descriptor);
        } catch (KernelException unknown) {
            // A descriptor that stat(2) refuses is still a descriptor.
            return HandleKind.OTHER;
        }
    }

    /** Returns how many wait. */
    public int count() {
        return count;
    }

    boolean isFull() {
        return count >= MOST_WAITING;
    }

    /** Tells, once, whether descriptors were lost. */
    boolean takeLost() {
        boolean was = lost;
        lost = false;
        return was;
    }

    /** Returns the kind of the first, of which the system is asked when somebody wants to know; null if none waits. */
    public @Nullable HandleKind kind() {
        if (count == 0) {
            return null;
        }
        HandleKind known = firstKind;
        if (known == null) {
            known = kindOf(waiting[first]);
            firstKind = known;
        }
        return known;
    }

    /** Returns the first descriptor, which stays until {@link #remove}. */
    public long first() {
        return waiting[first];
    }

    void remove() {
        first = first + 1 & waiting.length - 1;
        count--;
        firstKind = null;
    }

    void closeAll() {
        while (count > 0) {
            selector.closeDescriptor(first());
            remove();
        }
    }
}
