/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import org.jspecify.annotations.Nullable;

/** Back-pressure of one stream: notices that its queue has grown past one mark and shrunk to the other, and tells. */
public final class Watermarks {

    private static final long DEFAULT_LOW = 16 * 1024;

    /** What counts as much for a stream without marks of its own. */
    static final long DEFAULT_HIGH = 64 * 1024;

    private long low = DEFAULT_LOW;
    private long high = DEFAULT_HIGH;
    private boolean exceeded;
    private boolean awaited;
    private boolean drained;
    private boolean wakesTransfer;
    private @Nullable Object callback;
    private @Nullable StreamTransfer transfer;

    /** Sets the marks, in bytes. */
    public void set(long newLow, long newHigh) {
        low = newLow;
        high = newHigh;
    }

    /** Sets who is told that the queue has drained. */
    public void callback(Object told) {
        callback = told;
    }

    @Nullable StreamTransfer transfer() {
        return transfer;
    }

    void transfer(@Nullable StreamTransfer told) {
        transfer = told;
    }

    /** Notes that the queue has grown; tells whether it is below the high mark. */
    boolean grownTo(long size) {
        exceeded |= size >= high;
        return size < high;
    }

    /** Notes that the transfer, which has filled the queue, waits until it has shrunk, whatever its size is. */
    void filledTo(long size) {
        grownTo(size);
        awaited = true;
    }

    /** Notes that the queue has shrunk; tells whether there is something to tell. */
    boolean shrunkTo(long size) {
        if (size <= low) {
            drained |= exceeded;
            wakesTransfer |= exceeded || awaited;
            exceeded = false;
            awaited = false;
        }
        return wakesTransfer;
    }

    /** Tells, once, that the queue has drained: the transfer, and the user if it had reached the high mark. */
    void tell(StreamCore stream) {
        if (!wakesTransfer || stream.isClosing()) {
            return;
        }
        boolean tellsUser = drained;
        wakesTransfer = false;
        drained = false;
        StreamTransfer copying = transfer;
        if (copying != null) {
            copying.drained();
        }
        Object told = callback;
        if (told != null && tellsUser) {
            stream.call(told);
        }
    }
}
