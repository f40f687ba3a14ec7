/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;

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
     * @param descriptor the descriptor's number
     * @throws PanpipeException EBADF if it is not open
     * @throws IllegalStateException if this handle has one already
     */
    public void open(long descriptor) throws PanpipeException {
        checkUsable();
        if (this.descriptor != NONE) {
            throw new IllegalStateException(this + " has a descriptor already: make a new handle");
        }
        try {
            loop().selector().kindOf(descriptor);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
        this.descriptor = descriptor;
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
     * @throws PanpipeException EBADF if it has none
     */
    public long detach() throws PanpipeException {
        long released = fileno();
        descriptor = NONE;
        close();
        return released;
    }

    @Override
    long duplicate() throws PanpipeException {
        if (descriptor == NONE) {
            return super.duplicate();
        }
        try {
            return loop().selector().duplicate(descriptor);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, "").traced();
        }
    }

    @Override
    boolean release() {
        if (descriptor != NONE) {
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
