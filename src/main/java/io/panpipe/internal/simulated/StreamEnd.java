/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, which knows what Linux's Unix domain sockets do when either end stops, resets or vanishes.
 *
 * <p>The bytes wait at the end that is to read them; how many may wait is set by the end that writes, since in the Unix
 * domain the sender's buffer is what a connection's memory is charged to.
 */
final class StreamEnd {

    /** What a hung-up end is ready for. */
    static final int EVERYTHING =
            StreamChannel.READ | StreamChannel.WRITE | StreamChannel.CONNECT | StreamChannel.ACCEPT;

    private final World world;
    private final ByteRing incoming = new ByteRing();
    private @Nullable StreamEnd peer;
    private @Nullable Flight flight;
    private @Nullable Fault error;
    private boolean inputEnded;
    private boolean outputEnded;
    private int capacity;

    StreamEnd(World world) {
        this.world = world;
        capacity = world.options().bufferSize();
    }

    static void link(StreamEnd one, StreamEnd other) {
        one.peer = other;
        other.peer = one;
    }

    private StreamEnd peer(String call) throws KernelException {
        StreamEnd other = peer;
        if (other == null) {
            // Linux answers EINVAL to a read and ENOTCONN to a write; the latter is what is meant, and what others say.
            throw new KernelException(Fault.ENOTCONN, 0, call);
        }
        return other;
    }

    /** Reads as {@link StreamChannel#read} says. */
    int read(ByteBuffer into, int offset, int length) throws KernelException {
        StreamEnd other = peer("read");
        if (incoming.size() > 0) {
            int count = world.scheduler().cut(Math.min(length, incoming.size()));
            incoming.take(into, offset, count);
            other.resumeFlight();
            world.changed();
            return count;
        }
        Fault pending = error;
        if (pending != null) {
            // As SO_ERROR: told once, after what was queued; what follows is a plain end of stream.
            error = null;
            throw new KernelException(pending, 0, "read");
        }
        return inputEnded ? StreamChannel.END_OF_STREAM : StreamChannel.WOULD_BLOCK;
    }

    /** Refuses a write, even one of no bytes, that nobody could ever read. */
    void checkWritable() throws KernelException {
        peer("write");
        if (outputEnded) {
            throw new KernelException(Fault.EPIPE, 0, "write");
        }
    }

    /** Returns how many bytes fit just now. */
    int room() {
        StreamEnd other = peer;
        return other == null ? 0 : Math.max(0, capacity - other.incoming.size());
    }

    /** Moves the next bytes of a write into the pipe; no more than there is room for. */
    void write(GatheredBytes bytes, int length) {
        StreamEnd other = peer;
        if (other == null) {
            throw new IllegalStateException("not connected");
        }
        // First, since memory that this thread may not read ends the move half-way.
        world.changed();
        bytes.moveTo(other.incoming, length);
    }

    boolean isOutputEnded() {
        return outputEnded;
    }

    /** Notes the write that waits for room here, or null when it has ended. */
    void flight(@Nullable Flight current) {
        flight = current;
    }

    private void resumeFlight() {
        if (flight != null) {
            flight.resume();
        }
    }

    int capacity() {
        return capacity;
    }

    void capacity(int bytes) {
        capacity = bytes;
        resumeFlight();
    }

    void shutdownOutput() throws KernelException {
        StreamEnd other = peer("shutdown");
        outputEnded = true;
        other.inputEnded = true;
        world.changed();
    }

    /**
     * Ends both directions. What was sent remains for the peer; what was not read, or a connection never accepted,
     * makes it hear of a reset after that.
     *
     * @param accepted whether anybody ever had this end
     */
    void close(boolean accepted) {
        StreamEnd other = peer;
        if (other != null) {
            if (incoming.size() > 0 || !accepted) {
                other.error = Fault.ECONNRESET;
            }
            other.inputEnded = true;
            other.outputEnded = true;
            other.resumeFlight();
        }
        incoming.clear();
        world.changed();
    }

    /** Returns the operations that can be tried now. */
    int readiness() {
        if (peer == null) {
            return 0;
        }
        // Both directions ended is EPOLLHUP, even when each was shut down in peace; a pending error is EPOLLERR.
        if (error != null || inputEnded && outputEnded) {
            return EVERYTHING;
        }
        int operations = incoming.size() > 0 || inputEnded ? StreamChannel.READ : 0;
        // Not for every byte: Linux too waits until a good part of the buffer is free, lest writers wake for crumbs.
        return room() >= (capacity + 2L) / 3 ? operations | StreamChannel.WRITE : operations;
    }
}
