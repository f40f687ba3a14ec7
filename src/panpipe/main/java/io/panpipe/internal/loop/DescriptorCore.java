/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import org.jspecify.annotations.Nullable;

/** A descriptor that the loop does not drive, and lends to writes that send it. */
public final class DescriptorCore extends HandleCore {

    /** No descriptor. */
    public static final long NONE = -1;

    private long descriptor = NONE;
    private int lent;

    public DescriptorCore(LoopCore loop, Object handle) {
        super(loop, handle);
    }

    /** Returns the descriptor's number, or {@link #NONE}. */
    public long descriptor() {
        return descriptor;
    }

    /** Takes a descriptor, which is open. */
    public void take(long taken) {
        descriptor = taken;
    }

    /** Gives the descriptor up, which is the caller's then, and closes the handle. */
    public long detach() throws KernelException {
        long released = descriptor;
        descriptor = lent == 0 ? NONE : duplicate();
        close();
        return released;
    }

    @Override
    public long duplicate() throws KernelException {
        return hasNone() ? super.duplicate() : loop().selector().duplicate(descriptor);
    }

    private boolean hasNone() {
        return descriptor == NONE || isClosing();
    }

    /** Lends the descriptor to a write, if there is one: it stays open until it is given back, whatever is closed before. */
    public boolean lend() {
        if (hasNone()) {
            return false;
        }
        lent++;
        return true;
    }

    /** Takes back what {@link #lend} has lent. */
    public void giveBack() {
        lent--;
        if (isClosing()) {
            release();
        }
    }

    @Override
    protected boolean isIdle() {
        return super.isIdle() && lent == 0;
    }

    @Override
    protected @Nullable Runnable rest() {
        if (descriptor == NONE) {
            return null;
        }
        Selector selector = loop().selector();
        long left = descriptor;
        return () -> selector.closeDescriptor(left);
    }

    @Override
    protected boolean release() {
        if (descriptor != NONE && lent == 0) {
            loop().selector().closeDescriptor(descriptor);
            descriptor = NONE;
        }
        return true;
    }
}
