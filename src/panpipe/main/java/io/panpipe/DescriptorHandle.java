/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A handle that has a descriptor of the operating system: its number and its buffers.
 *
 * @since 0.1
 */
public abstract class DescriptorHandle extends Handle {

    private @Nullable Channel channel;
    private int interest;
    private boolean completing;

    DescriptorHandle(Loop loop) {
        super(loop);
    }

    /** Returns the name for error messages, or empty. */
    abstract String name();

    /** Returns the channel of a handle that must have a descriptor by now. */
    final Channel openChannel(String call) throws PanpipeException {
        checkUsable();
        Channel channel = channelOrNull();
        if (channel == null || channel.descriptor() == -1) {
            throw new PanpipeException(ErrorCode.EBADF, call, name(), "the handle has no descriptor yet").traced();
        }
        return channel;
    }

    /** Adds which descriptor this is, if it has one. */
    final void describeDescriptor(List<String> facts) {
        Channel present = channel;
        if (present != null && present.descriptor() != -1) {
            facts.add("descriptor " + present.descriptor());
        }
    }

    final PanpipeException failure(KernelException refused) {
        return PanpipeException.of(refused, name());
    }

    /**
     * Returns the number of the descriptor, which still belongs to this handle.
     *
     * @return the number, or the HANDLE's value on Windows
     * @throws PanpipeException EBADF before bind, connect, accept or open
     * @throws IllegalStateException if the handle is closed
     */
    public final long fileno() throws PanpipeException {
        return openChannel("fileno").expose();
    }

    /**
     * Returns the size of the system's send buffer (SO_SNDBUF).
     *
     * @return bytes; Linux answers twice what was asked for (socket(7))
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     */
    public final int sendBufferSize() throws PanpipeException {
        Channel channel = openChannel("getsockopt");
        try {
            return channel.sendBufferSize();
        } catch (KernelException refused) {
            throw failure(refused).traced();
        }
    }

    /**
     * Asks the system for a send buffer of a size; it may round.
     *
     * @param bytes 1 or more
     * @throws PanpipeException ENOTSOCK for what is no socket
     */
    public final void sendBufferSize(int bytes) throws PanpipeException {
        Channel channel = openChannel("setsockopt");
        try {
            channel.sendBufferSize(checkSize(bytes));
        } catch (KernelException refused) {
            throw failure(refused).traced();
        }
    }

    /**
     * Returns the size of the system's receive buffer (SO_RCVBUF).
     *
     * @return bytes; Linux answers twice what was asked for (socket(7))
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     */
    public final int receiveBufferSize() throws PanpipeException {
        Channel channel = openChannel("getsockopt");
        try {
            return channel.receiveBufferSize();
        } catch (KernelException refused) {
            throw failure(refused).traced();
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
        Channel channel = openChannel("setsockopt");
        try {
            channel.receiveBufferSize(checkSize(bytes));
        } catch (KernelException refused) {
            throw failure(refused).traced();
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
        Channel channel = openChannel("detach");
        checkDetachable();
        long descriptor;
        try {
            descriptor = channel.detach();
        } catch (KernelException refused) {
            throw failure(refused).traced();
        }
        // The channel watches for nothing any more, and no interest is to be withdrawn from it.
        interest = 0;
        close();
        return descriptor;
    }

    /** Checks that nothing would be lost if the descriptor were given away now. */
    abstract void checkDetachable();

    @Override
    final long duplicate() throws PanpipeException {
        Channel present = channel;
        if (present == null || present.descriptor() == -1) {
            return super.duplicate();
        }
        try {
            return present.duplicate();
        } catch (KernelException refused) {
            throw failure(refused).traced();
        }
    }

    // What the kinds of handle below need.

    @Nullable Channel channelOrNull() {
        return channel;
    }

    /** Takes a channel as this handle's own. */
    final void channel(Channel taken, ChannelListener listener) {
        used();
        taken.listener(loop().handleList.listener(listener));
        channel = taken;
    }

    /** Closes the channel, if there is one; {@code forget} makes the handle fit to be used anew. */
    final void closeChannel(boolean forget) {
        Channel present = channel;
        if (present != null) {
            interest = 0;
            present.close();
            if (forget) {
                channel = null;
            }
        }
    }

    final boolean hasInterest(int operations) {
        return (interest & operations) == operations;
    }

    final void addInterest(int operations) throws KernelException {
        Channel present = channel;
        if (present != null && !hasInterest(operations)) {
            // Who waits for an event is held, also where no call of the user's began it.
            used();
            present.interest(interest | operations);
            interest |= operations;
        }
    }

    /** Withdraws interest, which no system refuses. */
    final void removeInterest(int operations) {
        Channel present = channel;
        if (present != null && (interest & operations) != 0) {
            interest &= ~operations;
            try {
                present.interest(interest);
            } catch (KernelException refused) {
                throw new IllegalStateException("the system refused to stop watching", refused);
            }
        }
    }

    @Override
    boolean isIdle() {
        return super.isIdle() && interest == 0 && !completing;
    }

    @Override
    @Nullable Runnable rest() {
        Channel present = channel;
        return present == null ? null : present::close;
    }

    /** Has {@link #runCompletions} called soon. */
    final void completeSoon() {
        if (!completing) {
            loop().completions.add(this);
            completing = true;
        }
    }

    /** Calls back for requests that are done. */
    final void runCompletions() {
        completing = false;
        try {
            tellDone();
        } catch (Throwable thrown) {
            // Nobody may wait for ever for what is done. Who was called is not called again.
            completeSoon();
            throw thrown;
        }
    }

    /** Calls back for requests that are done, in the order of the requests. */
    abstract void tellDone();
}
