/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.loop.ChannelCore;
import io.panpipe.internal.loop.DescriptorCore;
import io.panpipe.internal.loop.HandleCore;
import io.panpipe.internal.loop.LoopCore;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that leave with the first byte of one write.
 *
 * <p>Some are duplicates, made for this group alone. Others are lent by a {@link DescriptorCore}, which keeps its descriptor
 * open until it has got it back, also when it is closed before: that saves two system calls a handle.
 */
public final class HandleGroup {

    private final LoopCore loop;
    private final boolean borrows;
    private final long[] descriptors;
    private final @Nullable DescriptorCore[] lenders;
    private final @Nullable Channel[] givers;
    private int count;
    private long offset;
    private long end;

    /**
     * Makes an empty group.
     *
     * @param stream the stream that sends it
     * @param most how many will be added
     */
    public HandleGroup(StreamCore stream, int most) {
        loop = stream.loop();
        // Where the kernel is done with the number of a descriptor when a write with it returns.
        borrows = stream.channelOrNull() != null && !stream.channel().writesInFlight();
        descriptors = new long[most];
        lenders = new DescriptorCore[most];
        givers = new Channel[most];
    }

    /**
     * Borrows or duplicates the descriptor of a handle.
     *
     * @throws KernelException EMFILE if there is no descriptor left
     */
    public void add(HandleCore handle) throws KernelException {
        // A loop that another thread runs may be closing the descriptor, and captures errno where this call would.
        handle.loop().checkThread();
        if (borrows && handle instanceof DescriptorCore raw && raw.loop() == loop && raw.lend()) {
            lenders[count] = raw;
        } else {
            descriptors[count] = handle.duplicate();
            givers[count] = handle instanceof ChannelCore giver ? giver.channelOrNull() : null;
        }
        count++;
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
        return count;
    }

    /** Returns the descriptors' numbers for an attempt to send: that of one which is lent can change before the next. */
    long[] descriptors() {
        for (int i = 0; i < count; i++) {
            DescriptorCore lender = lenders[i];
            if (lender != null) {
                descriptors[i] = lender.descriptor();
            }
        }
        return descriptors;
    }

    /** Gives back or closes the descriptors, which have been sent or never will be. */
    public void close(boolean sent) {
        for (int i = 0; i < count; i++) {
            DescriptorCore lender = lenders[i];
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
