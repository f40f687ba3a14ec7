/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one loop drives: makes channels, says which are ready, and owns the memory that the kernel reads and writes.
 *
 * <p>Only {@link #wakeup} may be called by other threads. The loop alternates {@link #select} and {@link #dispatch};
 * between the two it may close channels, and a closed channel's remaining events of the batch are dropped, even when
 * its descriptor number was given to a new channel meanwhile.
 */
public interface Selector {

    /** A {@link #select} timeout that never expires. */
    long FOREVER = -1;

    /** The most descriptors that one write sends: Linux's SCM_MAX_FD. */
    int MOST_HANDLES = 253;

    /** Makes a pipe channel that has no descriptor yet: it gets one from {@code bind} or {@code connect}. */
    PipeChannel newPipe();

    /**
     * Makes a channel of an open descriptor and takes ownership of it.
     *
     * <p>The descriptor's blocking mode is left alone, and no later operation blocks on it all the same.
     *
     * @param descriptor the descriptor's number, or the value of the HANDLE
     * @throws KernelException EBADF if it is not open, EEXIST if a channel of this selector has it already (or of
     *     another one, where the kernel can know that), EINVAL if it is of a kind that cannot be a stream; the
     *     descriptor then still belongs to the caller
     */
    PipeChannel adopt(long descriptor) throws KernelException;

    /**
     * Makes a TCP channel that has no descriptor yet: it gets one from {@code bind} or {@code connect}.
     *
     * @throws KernelException ENOTSUP where there is no TCP
     */
    TcpChannel newTcp() throws KernelException;

    /**
     * Makes a channel of an open TCP socket and takes ownership of it, as {@link #adopt} does.
     *
     * @param descriptor the descriptor's number
     * @throws KernelException EBADF if it is not open, EEXIST if this selector has it already, EINVAL if it is no TCP
     *     socket; the descriptor then still belongs to the caller
     */
    TcpChannel adoptTcp(long descriptor) throws KernelException;

    /**
     * Makes a UDP channel that has no descriptor yet: it gets one from {@code bind}, {@code connect} or {@code send}.
     *
     * @throws KernelException ENOTSUP where there is no UDP
     */
    UdpChannel newUdp() throws KernelException;

    /** Makes a channel of an open UDP socket and takes ownership of it, as {@link #adopt} does. */
    UdpChannel adoptUdp(long descriptor) throws KernelException;

    /** Tells what an open descriptor can be driven as. */
    HandleKind kindOf(long descriptor) throws KernelException;

    /** Makes another descriptor of the same open file; EBADF if it is not open, EMFILE without one left. */
    long duplicate(long descriptor) throws KernelException;

    /** Closes a descriptor that belongs to no channel. */
    void closeDescriptor(long descriptor);

    /** Makes two pipe channels connected with each other. */
    PipeChannel[] pair() throws KernelException;

    /**
     * Allocates memory that lives until the selector is closed.
     *
     * @param size bytes, 1 or more
     */
    Region allocate(int size);

    /**
     * Allocates memory that {@link #free} may give back before the selector is closed. Worth it for long pieces only.
     *
     * @param size bytes, 1 or more
     */
    Region allocateBlock(int size);

    /**
     * Frees memory of {@link #allocateBlock}.
     *
     * @param block what the kernel neither reads nor writes any more
     */
    void free(Region block);

    /**
     * Tells whether {@link StreamChannel#write} takes the buffer's bytes from where they are: a direct buffer whose memory
     * nobody can close while it is used, and not a part of a {@link Region} of this or another selector, which is used again
     * before long. Others are copied into a region first.
     */
    boolean borrows(ByteBuffer data);

    /**
     * Makes what moves bytes from one connected channel of this selector to another, or to the same, inside the kernel.
     *
     * @return null where there is no such thing for these two, so that they are copied
     */
    default @Nullable Transfer transfer(StreamChannel source, StreamChannel sink) {
        return null;
    }

    /**
     * Applies the changes of interest made since the last call, then waits until a channel is ready, the timeout has
     * passed or {@link #wakeup} is called.
     *
     * @param timeoutNanos nanoseconds, rounded up to what the system can wait; 0 does not wait, {@link #FOREVER} waits
     *     without end
     * @return how many events are to be dispatched; 0 after a timeout or a mere wake-up
     * @throws KernelException if the system's wait failed; never EINTR, which is retried with what is left of the time
     */
    int select(long timeoutNanos) throws KernelException;

    /**
     * Tells the listener of one event of the last {@link #select}.
     *
     * @param index 0 to one less than what {@code select} returned, each once, in order
     */
    void dispatch(int index);

    /** Makes the running or the next {@link #select} return soon. Callable from any thread, also after close. */
    void wakeup();

    /**
     * Introduces the loop that this selector serves, to a kernel that gives several loops of one thread their turns.
     */
    default void servedLoop(LoopTurns loop) {}

    /** Returns who watches over the use of the loop, or null where nobody does, as in production. */
    default @Nullable LoopWatch watch() {
        return null;
    }

    /** Closes what the selector holds. Every channel has been closed, and nothing is in flight any more. */
    void close();
}
