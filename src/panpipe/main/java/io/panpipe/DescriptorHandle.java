/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.loop.ChannelCore;

/**
 * A handle that has a descriptor of the operating system: its number and its buffers.
 *
 * @since 0.1
 */
public abstract class DescriptorHandle extends Handle {

    DescriptorHandle() {}

    @Override
    abstract ChannelCore core();

    /**
     * Returns the number of the descriptor, which still belongs to this handle.
     *
     * @return the number, or the HANDLE's value on Windows
     * @throws PanpipeException EBADF before bind, connect, accept or open
     * @throws IllegalStateException if the handle is closed
     */
    public final long fileno() throws PanpipeException {
        try {
            return core().openChannel("fileno").expose();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Returns the size of the system's send buffer (SO_SNDBUF).
     *
     * @return bytes; Linux answers twice what was asked for (socket(7))
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     */
    public final int sendBufferSize() throws PanpipeException {
        try {
            return core().openChannel("getsockopt").sendBufferSize();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Asks the system for a send buffer of a size; it may round.
     *
     * @param bytes 1 or more
     * @throws PanpipeException ENOTSOCK for what is no socket
     */
    public final void sendBufferSize(int bytes) throws PanpipeException {
        try {
            core().openChannel("setsockopt").sendBufferSize(checkSize(bytes));
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Returns the size of the system's receive buffer (SO_RCVBUF).
     *
     * @return bytes; Linux answers twice what was asked for (socket(7))
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     */
    public final int receiveBufferSize() throws PanpipeException {
        try {
            return core().openChannel("getsockopt").receiveBufferSize();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Asks the system for a receive buffer of a size; it may round. On Linux it does not matter to a Unix domain socket,
     * where the sender's buffer holds the data.
     *
     * @param bytes 1 or more
     * @throws PanpipeException ENOTSOCK for what is no socket
     */
    public final void receiveBufferSize(int bytes) throws PanpipeException {
        try {
            core().openChannel("setsockopt").receiveBufferSize(checkSize(bytes));
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    private static int checkSize(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a buffer of less than one byte: " + bytes);
        }
        return bytes;
    }

    /**
     * Gives the descriptor up: it stays open and belongs to the caller, and this handle is closed.
     *
     * <p>A socket that Panpipe made stays in non-blocking mode. The file of a listening socket stays, since its socket
     * lives on.
     *
     * @return the descriptor's number
     * @throws PanpipeException EBADF if there is none; EBUSY if data was read ahead of the caller
     * @throws IllegalStateException if writes are still queued, or a connection is announced and not accepted
     */
    public final long detach() throws PanpipeException {
        try {
            return core().detach();
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }
}
