/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * What a descriptor stands for: a stream socket of the Unix domain, whose state outlives the channel when it is
 * detached.
 *
 * <p>The world's lock is held.
 */
final class SimulatedSocket {

    private enum State {
        UNCONNECTED,
        CONNECTING,
        CONNECTED,
        LISTENING,
        CLOSED
    }

    private static final int NONE = -1;
    private static final int SMALLEST_BUFFER = 1024;

    private final SimulatedProcess process;
    private final World world;
    private final StreamEnd stream;
    private final Backlog backlog = new Backlog();
    private State state = State.UNCONNECTED;
    private @Nullable DescriptorTable table;
    private int descriptor = NONE;
    private @Nullable SimulatedChannel owner;
    private @Nullable NameEntry entry;
    private String name = "";
    private @Nullable SimulatedSocket peer;
    private @Nullable PendingConnect pending;
    private int receiveBufferSize;

    SimulatedSocket(SimulatedProcess process) {
        this.process = process;
        world = process.world();
        stream = new StreamEnd(world);
        receiveBufferSize = stream.capacity();
    }

    /** Notes the descriptor that this socket has been given. */
    void opened(DescriptorTable inTable, int number) {
        table = inTable;
        descriptor = number;
    }

    int descriptor() {
        return descriptor;
    }

    /** Returns the channel that works with this socket, or null if it is detached. */
    @Nullable SimulatedChannel owner() {
        return owner;
    }

    void owner(@Nullable SimulatedChannel channel) {
        owner = channel;
    }

    StreamEnd stream() {
        return stream;
    }

    String name() {
        return name;
    }

    /**
     * Tells whether there is, or has been, another end: as getpeername, it does not ask whether that is still there.
     */
    boolean isConnected() {
        return peer != null;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Connects two sockets with each other. */
    static void link(SimulatedSocket one, SimulatedSocket other) {
        one.linkTo(other);
        other.linkTo(one);
        StreamEnd.link(one.stream, other.stream);
    }

    private void linkTo(SimulatedSocket other) {
        state = State.CONNECTED;
        peer = other;
    }

    /** Binds to a name and returns the entry made. */
    NameEntry bind(String asked, int mode, boolean replace) throws KernelException {
        if (entry != null) {
            throw new KernelException(Fault.EINVAL, 0, "bind", "it is bound already");
        }
        NameEntry made = world.names().bind(asked, mode, replace, this, process.credentials());
        entry = made;
        name = made.name();
        return made;
    }

    void listen(int connections) throws KernelException {
        if (entry == null || state != State.UNCONNECTED && state != State.LISTENING) {
            throw new KernelException(
                    Fault.EINVAL, 0, "listen", entry == null ? "it is not bound" : "it is connected");
        }
        state = State.LISTENING;
        backlog.limit(Math.min(connections, world.options().backlogLimit()));
        world.changed();
    }

    /**
     * Connects to a name, now or later.
     *
     * @return whether it is connected
     */
    boolean connect(String to) throws KernelException {
        PipeName.check(to, "connect");
        checkMayConnect();
        if (!world.scheduler().connectsLater()) {
            connectNow(to);
            return true;
        }
        state = State.CONNECTING;
        PendingConnect attempt = new PendingConnect(world, this, to);
        pending = attempt;
        world.clock().schedule(world.scheduler().delay(), null, attempt::settle);
        return false;
    }

    private void checkMayConnect() throws KernelException {
        Fault fault = switch (state) {
            case UNCONNECTED -> null;
            case CONNECTING -> Fault.EALREADY;
            case CONNECTED -> Fault.EISCONN;
            case LISTENING, CLOSED -> Fault.EINVAL;
        };
        if (fault != null) {
            throw new KernelException(fault, 0, "connect");
        }
    }

    /** The server's end exists, and takes bytes, from now on; accept only hands it out. */
    void connectNow(String to) throws KernelException {
        SimulatedSocket server = world.names().resolve(to, process.credentials());
        if (server.state != State.LISTENING) {
            throw new KernelException(Fault.ECONNREFUSED, 0, "connect");
        }
        if (server.backlog.isFull()) {
            throw new KernelException(Fault.EAGAIN, 0, "connect");
        }
        SimulatedSocket serverEnd = new SimulatedSocket(server.process);
        serverEnd.name = server.name;
        link(this, serverEnd);
        server.backlog.add(serverEnd);
        world.changed();
    }

    /** Answers how a pending connect ended. */
    void finishConnect() throws KernelException {
        PendingConnect attempt = pending;
        if (attempt == null) {
            if (state != State.CONNECTED) {
                throw new KernelException(Fault.ENOTCONN, 0, "connect");
            }
            return;
        }
        if (!attempt.isSettled()) {
            throw new KernelException(Fault.EALREADY, 0, "connect");
        }
        pending = null;
        KernelException refusal = attempt.refusal();
        if (refusal != null) {
            // Another try with the same socket is allowed, as it is on Linux.
            state = State.UNCONNECTED;
            throw refusal;
        }
    }

    /**
     * Ends the waiting of a pending connect, since the events of the selector that knows it will not be told any
     * more.
     */
    void settleConnect() {
        if (pending != null) {
            pending.settle();
        }
    }

    /** Takes the oldest waiting connection, or answers null; it goes on waiting if there is no descriptor for it. */
    @Nullable SimulatedSocket accept() throws KernelException {
        if (state != State.LISTENING) {
            throw new KernelException(Fault.EINVAL, 0, "accept", "it does not listen");
        }
        SimulatedSocket connection = backlog.peek();
        if (connection != null) {
            process.descriptors().open(connection, "accept");
            backlog.remove(connection);
            world.changed();
        }
        return connection;
    }

    private SimulatedSocket peer(String call) throws KernelException {
        SimulatedSocket other = peer;
        if (other == null) {
            throw new KernelException(Fault.ENOTCONN, 0, call);
        }
        return other;
    }

    /** Linux goes on telling it after the peer has closed. */
    String peerName() throws KernelException {
        return peer("getpeername").name;
    }

    Credentials peerCredentials() throws KernelException {
        return peer("getpeercred").process.credentials();
    }

    int sendBufferSize() {
        return stream.capacity();
    }

    /**
     * Linux doubles what is asked for, to pay for its own overhead; here there is none, and what is set is reported.
     */
    void sendBufferSize(int bytes) {
        stream.capacity(Math.max(SMALLEST_BUFFER, bytes));
        world.changed();
    }

    int receiveBufferSize() {
        return receiveBufferSize;
    }

    /** Noted only: in the Unix domain the sender's buffer alone limits a stream. */
    void receiveBufferSize(int bytes) {
        receiveBufferSize = Math.max(SMALLEST_BUFFER, bytes);
    }

    /** Returns the operations that can be tried now. */
    int readiness() {
        PendingConnect attempt = pending;
        if (attempt != null) {
            if (!attempt.isSettled()) {
                return 0;
            }
            return attempt.refusal() != null ? StreamEnd.EVERYTHING : StreamChannel.CONNECT | stream.readiness();
        }
        if (state == State.LISTENING) {
            return backlog.isEmpty() ? 0 : StreamChannel.ACCEPT;
        }
        return stream.readiness();
    }

    /**
     * Returns the operations that a select may report without their being possible, as real kernels now and then do.
     */
    int triable() {
        return switch (state) {
            case CONNECTED -> StreamChannel.READ | StreamChannel.WRITE;
            case LISTENING -> StreamChannel.ACCEPT;
            default -> 0;
        };
    }

    /** Closes the last descriptor: a path stays behind, an abstract name vanishes. */
    void close() {
        close(true);
    }

    /** Ends a connection that was never accepted. */
    void reset() {
        close(false);
    }

    private void close(boolean accepted) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (table != null) {
            table.release(descriptor);
            descriptor = NONE;
        }
        if (entry != null && PipeName.isAbstract(name)) {
            world.names().remove(entry);
        }
        backlog.resetAll();
        stream.close(accepted);
    }
}
