/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, which knows what Linux's stream sockets do when either end stops, resets or vanishes.
 *
 * <p>The bytes wait at the end that is to read them; how many may wait is set by the end that writes, since in the Unix
 * domain the sender's buffer is what a connection's memory is charged to. TCP is taken to do the same.
 *
 * <p>In the Unix domain an end knows at once that the other has closed. Over a network it knows of the end of the input
 * only; that nobody reads the output it learns from the answer to its next write.
 */
final class StreamEnd {

    /** What a hung-up end is ready for. */
    static final int EVERYTHING =
            StreamChannel.READ | StreamChannel.WRITE | StreamChannel.CONNECT | StreamChannel.ACCEPT;

    private final World world;
    private final OpenFile socket;
    private final boolean networked;
    private final Inbound incoming;
    /** Several if several channels have the socket. */
    private final List<Flight> flights = new ArrayList<>(0);
    private @Nullable StreamEnd peer;
    private @Nullable Fault error;
    private boolean reset;
    private boolean readerGone;
    private boolean inputEnded;
    private boolean outputEnded;
    private int capacity;
    private Way way = Way.NONE;
    private boolean closed;

    /**
     * Makes the end that a socket is.
     *
     * @param networked whether it learns only by answers what the other end does
     */
    StreamEnd(World world, OpenFile socket, boolean networked) {
        this.world = world;
        this.socket = socket;
        this.networked = networked;
        incoming = new Inbound(socket);
        capacity = world.options().bufferSize();
    }

    static void link(StreamEnd one, StreamEnd other, Links.Route route) {
        one.peer = other;
        other.peer = one;
        one.way = new Way(one.world, route);
        other.way = new Way(one.world, route);
    }

    private StreamEnd peer(String call) throws KernelException {
        StreamEnd other = peer;
        if (other == null) {
            // Linux answers EINVAL to a read and ENOTCONN to a write; the latter is what is meant, and what others say.
            throw new KernelException(Fault.ENOTCONN, 0, call);
        }
        return other;
    }

    /**
     * Reads as {@link StreamChannel#read} says.
     *
     * @param inbox takes the files that come with the bytes, as descriptors of the reading process; if null, they are
     *     closed, which is what a plain read does to them on Linux
     */
    int read(ByteBuffer into, int offset, int length, DescriptorTable reader, @Nullable HandleInbox inbox)
            throws KernelException {
        StreamEnd other = peer("read");
        if (incoming.readable() > 0) {
            int count = world.scheduler().cut(incoming.available(length));
            Attachment files = incoming.take(into, offset, count);
            if (files != null) {
                if (inbox != null) {
                    files.install(reader, inbox);
                }
                files.unloadFrom(socket);
            }
            other.resumeFlights();
            world.changed();
            return count;
        }
        // Who has seen the end of the input goes on seeing it; EPIPE is for the next write.
        Fault pending = error;
        if (pending != null && pending != Fault.EPIPE) {
            throw take(pending, "read");
        }
        return inputEnded ? StreamChannel.END_OF_STREAM : StreamChannel.WOULD_BLOCK;
    }

    /** As SO_ERROR: told once, after what was queued; what follows is a plain end of stream, or EPIPE. */
    private KernelException take(Fault pending, String call) {
        error = null;
        return new KernelException(pending, 0, call);
    }

    /** Refuses a write, even one of no bytes, that nobody could ever read. */
    void checkWritable() throws KernelException {
        peer("write");
        if (outputEnded) {
            Fault pending = error;
            // In the Unix domain the pending error is for the reader alone.
            throw networked && pending != null
                    ? take(pending, "write")
                    : new KernelException(Fault.EPIPE, 0, "write");
        }
    }

    /** Returns how many bytes fit just now. */
    int room() {
        StreamEnd other = peer;
        return other == null ? 0 : Math.max(0, capacity - other.incoming.size());
    }

    /**
     * Moves the next bytes of a write into the pipe; no more than there is room for.
     *
     * @param files what goes with the first of them, or null
     */
    void write(GatheredBytes bytes, int length, @Nullable Attachment files) {
        StreamEnd other = peer;
        if (other == null) {
            throw new IllegalStateException("not connected");
        }
        // First, since memory that this thread may not read ends the move half-way.
        world.changed();
        if (readerGone) {
            // The answer is a reset. Linux calls it EPIPE where the end of the input has been seen (TCP's CLOSE_WAIT).
            bytes.moveTo(new ByteRing(), length);
            resetBy(Fault.EPIPE);
            return;
        }
        other.incoming.put(bytes, length, files);
        long place = other.incoming.end();
        way.send(length, () -> other.arrive(place, this));
    }

    private void arrive(long place, StreamEnd sender) {
        if (closed) {
            // It was under way when this end closed, which answers with a reset.
            incoming.clear();
            sender.resetBy(Fault.ECONNRESET);
        } else {
            incoming.arrive(place);
        }
        world.changed();
    }

    /** Ends the connection by force, for both ends, as the network or an administrator can. */
    void resetBoth() {
        StreamEnd other = peer;
        resetBy(Fault.ECONNRESET);
        resumeFlights();
        if (other != null) {
            other.resetBy(Fault.ECONNRESET);
            other.resumeFlights();
        }
        world.changed();
    }

    private void resetBy(Fault fault) {
        error = fault;
        reset = true;
        inputEnded = true;
        outputEnded = true;
    }

    /** Tells whether the other end, or its system, has ended the connection by force. */
    boolean isReset() {
        return reset;
    }

    boolean isOutputEnded() {
        return outputEnded;
    }

    /** Notes a write that waits for room here. */
    void add(Flight flight) {
        flights.add(flight);
    }

    /** Forgets a write that has ended. */
    void remove(Flight flight) {
        flights.remove(flight);
    }

    private void resumeFlights() {
        flights.forEach(Flight::resume);
    }

    int capacity() {
        return capacity;
    }

    void capacity(int bytes) {
        capacity = bytes;
        resumeFlights();
    }

    void shutdownOutput() throws KernelException {
        StreamEnd other = peer("shutdown");
        if (networked && reset) {
            throw new KernelException(Fault.ENOTCONN, 0, "shutdown");
        }
        outputEnded = true;
        way.send(0, () -> {
            other.inputEnded = true;
            world.changed();
        });
    }

    /**
     * Ends both directions. What was sent remains for the peer; what was not read, or a connection never accepted,
     * makes it hear of a reset after that.
     *
     * @param accepted whether anybody ever had this end
     */
    void close(boolean accepted) {
        StreamEnd other = peer;
        closed = true;
        if (other != null) {
            boolean resets = incoming.size() > 0 || !accepted;
            way.send(0, () -> other.peerClosed(resets));
        }
        // By force it is closed under writes in flight.
        outputEnded = true;
        resumeFlights();
        incoming.clear();
        world.changed();
    }

    private void peerClosed(boolean resets) {
        if (resets) {
            resetBy(Fault.ECONNRESET);
        }
        inputEnded = true;
        outputEnded |= !networked;
        readerGone = true;
        resumeFlights();
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
        int operations = incoming.readable() > 0 || inputEnded ? StreamChannel.READ : 0;
        // Not for every byte: Linux too waits until a good part of the buffer is free, lest writers wake for crumbs.
        return room() >= (capacity + 2L) / 3 ? operations | StreamChannel.WRITE : operations;
    }
}
