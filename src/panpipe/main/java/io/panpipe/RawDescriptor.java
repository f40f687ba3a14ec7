/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import org.jspecify.annotations.Nullable;

/**
 * An open descriptor that the loop does not drive: a file, a directory, a memory file. It can be sent over an IPC pipe
 * and received from one.
 *
 * <p>It owns its descriptor and closes it, except that 0, 1 and 2 stay open. It is never active, so it never keeps the
 * loop going.
 *
 * @since 0.1
 */
public final class RawDescriptor extends Handle {

    private static final long NONE = -1;

    private long descriptor = NONE;
    private int lent;

    /**
     * Makes a handle without a descriptor, to {@link #open} one or to accept one.
     *
     * @param loop the loop it belongs to, on whose thread this is called
     */
    public RawDescriptor(Loop loop) {
        super(loop);
    }

    /**
     * Takes an open descriptor, which belongs to this handle from now on.
     *
     * @param descriptor the descriptor's number, of which the caller sees to it that no other handle has it
     * @throws PanpipeException EBADF if it is not open
     * @throws IllegalStateException if this handle has one already
     */
    public void open(long descriptor) throws PanpipeException {
        checkEmpty();
        try {
            loop().selector().kindOf(descriptor);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
        this.descriptor = descriptor;
    }

    private void checkEmpty() {
        checkUsable();
        if (descriptor != NONE) {
            throw new IllegalStateException(this + " has a descriptor already: make a new handle");
        }
    }

    /** Takes a descriptor that the system has just given: nothing is to be checked. */
    void take(long received) {
        checkEmpty();
        descriptor = received;
    }

    /**
     * Returns the descriptor's number, which still belongs to this handle.
     *
     * @return the number
     * @throws PanpipeException EBADF if it has none
     */
    public long fileno() throws PanpipeException {
        checkUsable();
        if (descriptor == NONE) {
            throw PanpipeException.of(Fault.EBADF, "fileno", "").traced();
        }
        return descriptor;
    }

    /**
     * Gives the descriptor up: it stays open and belongs to the caller, and this handle is closed.
     *
     * @return the descriptor's number
     * @throws PanpipeException EBADF if it has none; EMFILE if a write that sends it still waits, and no descriptor is left
     *     for that
     */
    public long detach() throws PanpipeException {
        long released = fileno();
        descriptor = lent == 0 ? NONE : duplicate();
        close();
        return released;
    }

    @Override
    long duplicate() throws PanpipeException {
        if (descriptor == NONE || isClosing()) {
            return super.duplicate();
        }
        try {
            return loop().selector().duplicate(descriptor);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
    }

    /** Lends the descriptor to a write, if there is one: it stays open until it is given back, whatever is closed before. */
    boolean lend() {
        if (descriptor == NONE || isClosing()) {
            return false;
        }
        lent++;
        return true;
    }

    /** Returns the number of the descriptor that is lent; after {@link #detach} it is another one than before. */
    long lent() {
        return descriptor;
    }

    /** Takes back what {@link #lend} has lent. */
    void giveBack() {
        lent--;
        if (isClosing()) {
            release();
        }
    }

    @Override
    boolean isIdle() {
        return super.isIdle() && lent == 0;
    }

    @Override
    @Nullable Runnable rest() {
        if (descriptor == NONE) {
            return null;
        }
        Selector selector = loop().selector();
        long left = descriptor;
        return () -> selector.closeDescriptor(left);
    }

    @Override
    boolean release() {
        if (descriptor != NONE && lent == 0) {
            loop().selector().closeDescriptor(descriptor);
            descriptor = NONE;
        }
        return true;
    }

    @Override
    public String toString() {
        return descriptor == NONE ? "RawDescriptor" : "RawDescriptor " + descriptor;
    }
}
