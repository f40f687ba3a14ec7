/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import java.util.Objects;

/**
 * An open descriptor that this process was started with, and the name it was given.
 *
 * @param name the name, which need not be unique; {@code unknown} if whoever started this process gave none
 * @param descriptor the descriptor's number
 * @see SocketActivation#take()
 * @since 0.1
 */
public record ActivatedDescriptor(String name, long descriptor) {

    /** An open method of one kind of handle. */
    private interface Opening<H> {
        void open(H handle, long descriptor) throws PanpipeException;
    }

    /**
     * Notes name and number; nothing is done to the descriptor.
     *
     * @throws NullPointerException if the name is null
     */
    public ActivatedDescriptor {
        Objects.requireNonNull(name, "name");
    }

    /**
     * Makes the handle that can drive the descriptor, and owns it from then on: to be called once.
     *
     * <p>A stream socket of the Unix domain, a FIFO or a terminal becomes a {@link Pipe}, a TCP socket a {@link Tcp}, a
     * UDP socket a {@link Udp}, and anything else a {@link RawDescriptor}. A socket that listens already is to be told to
     * {@link StreamHandle#listen(StreamCallback)} all the same, to name the callback; its socket file, if it has one,
     * stays when the handle is closed. For a pipe that carries handles, open {@link #descriptor()} with one of your own.
     *
     * @param loop the loop to run in, on whose thread this is called
     * @return a new handle
     * @throws PanpipeException EBADF if the descriptor is not open, EEXIST if a handle of this loop has it; it then still
     *     belongs to the caller
     */
    public Handle open(Loop loop) throws PanpipeException {
        loop.core().checkOpen();
        HandleKind kind;
        try {
            kind = loop.core().selector().kindOf(descriptor);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, name).traced();
        }
        return switch (kind) {
            case PIPE -> opened(new Pipe(loop), Pipe::open);
            case TCP -> opened(new Tcp(loop), Tcp::open);
            case UDP -> opened(new Udp(loop), Udp::open);
            case OTHER -> opened(new RawDescriptor(loop), RawDescriptor::open);
        };
    }

    private <H extends Handle> H opened(H handle, Opening<? super H> opening) throws PanpipeException {
        boolean done = false;
        try {
            opening.open(handle, descriptor);
            done = true;
            return handle;
        } finally {
            if (!done) {
                handle.close();
            }
        }
    }
}
