/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.loop.DescriptorCore;

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

    private final DescriptorCore core;

    /**
     * Makes a handle without a descriptor, to {@link #open} one or to accept one.
     *
     * @param loop the loop it belongs to, on whose thread this is called
     */
    public RawDescriptor(Loop loop) {
        core = new DescriptorCore(Loop.coreOf(loop), this);
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
            core.loop().selector().kindOf(descriptor);
        } catch (KernelException refused) {
            throw failure(refused);
        }
        core.take(descriptor);
    }

    private void checkEmpty() {
        checkUsable();
        if (hasDescriptor()) {
            throw new IllegalStateException(this + " has a descriptor already: make a new handle");
        }
    }

    /** Takes a descriptor that the system has just given: nothing is to be checked. */
    void take(long received) {
        checkEmpty();
        core.take(received);
    }

    /**
     * Returns the descriptor's number, which still belongs to this handle.
     *
     * @return the number
     * @throws PanpipeException EBADF if it has none
     */
    public long fileno() throws PanpipeException {
        checkUsable();
        if (!hasDescriptor()) {
            throw PanpipeException.of(Fault.EBADF, "fileno", "").traced();
        }
        return core.descriptor();
    }

    /**
     * Gives the descriptor up: it stays open and belongs to the caller, and this handle is closed.
     *
     * @return the descriptor's number
     * @throws PanpipeException EBADF if it has none; EMFILE if a write that sends it still waits, and no descriptor is left
     *     for that
     */
    public long detach() throws PanpipeException {
        fileno();
        try {
            return core.detach();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    private boolean hasDescriptor() {
        return core.descriptor() != DescriptorCore.NONE;
    }

    @Override
    DescriptorCore core() {
        return core;
    }

    @Override
    public String toString() {
        return hasDescriptor() ? "RawDescriptor " + core.descriptor() : "RawDescriptor";
    }
}
