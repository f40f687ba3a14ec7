/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that leave with the first byte of one write.
 *
 * <p>Some are duplicates, made for this group alone. Others are lent by a {@link RawDescriptor}, which keeps its descriptor
 * open until it has got it back, also when it is closed before: that saves two system calls a handle.
 */
final class HandleGroup {

    private final Loop loop;
    private final long[] descriptors;
    private final @Nullable RawDescriptor[] lenders;
    private final @Nullable Channel[] givers;
    private long offset;
    private long end;

    private HandleGroup(Loop loop, int count) {
        this.loop = loop;
        descriptors = new long[count];
        lenders = new RawDescriptor[count];
        givers = new Channel[count];
    }

    /**
     * Borrows or duplicates the descriptors of handles.
     *
     * @param loop the loop of the stream that sends them
     * @param borrows whether the kernel is done with the number of a descriptor when a write with it returns
     * @throws PanpipeException EMFILE if there is no descriptor left; none is borrowed or duplicated then
     */
    static HandleGroup of(Loop loop, Handle[] handles, boolean borrows) throws PanpipeException {
        HandleGroup group = new HandleGroup(loop, handles.length);
        for (int i = 0; i < handles.length; i++) {
            try {
                group.take(i, handles[i], borrows);
            } catch (Throwable refused) {
                group.close(i, false);
                throw refused;
            }
        }
        return group;
    }

    private void take(int index, Handle handle, boolean borrows) throws PanpipeException {
        // A loop that another thread runs may be closing the descriptor, and captures errno where this call would.
        handle.loop().checkThread();
        if (borrows && handle instanceof RawDescriptor raw && raw.loop() == loop && raw.lend()) {
            lenders[index] = raw;
        } else {
            descriptors[index] = handle.duplicate();
            givers[index] = handle instanceof DescriptorHandle giver ? giver.channelOrNull() : null;
        }
    }

    /** Attaches the group to the bytes from an offset in the stream to another, exclusive. */
    void attach(long from, long to) {
        offset = from;
        end = to;
    }

    long offset() {
        return offset;
    }

    long end() {
        return end;
    }

    int count() {
        return descriptors.length;
    }

    /** Returns the descriptors' numbers for an attempt to send: that of one which is lent can change before the next. */
    long[] descriptors() {
        for (int i = 0; i < descriptors.length; i++) {
            RawDescriptor lender = lenders[i];
            if (lender != null) {
                descriptors[i] = lender.lent();
            }
        }
        return descriptors;
    }

    /** Gives back or closes the descriptors, which have been sent or never will be. */
    void close(boolean sent) {
        close(descriptors.length, sent);
    }

    private void close(int count, boolean sent) {
        for (int i = 0; i < count; i++) {
            RawDescriptor lender = lenders[i];
            if (lender != null) {
                lender.giveBack();
            } else {
                Channel giver = givers[i];
                if (giver != null) {
                    giver.passed(sent);
                }
                loop.selector().closeDescriptor(descriptors[i]);
            }
        }
    }
}
