/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection's end or a listener for connections, and how the one becomes the other; where it is, is the subclass's
 * matter.
 *
 * <p>The world's lock is held.
 *
 * @param <S> what it connects with: its own kind
 */
abstract class StreamSocket<S extends StreamSocket<S>> extends SimulatedSocket {

    private enum State {
        UNCONNECTED,
        CONNECTING,
        CONNECTED,
        LISTENING
    }

    private final StreamEnd stream;
    private final Backlog<S> backlog = new Backlog<>();
    private State state = State.UNCONNECTED;
    private @Nullable S peer;
    private @Nullable S waitsIn;
    private @Nullable PendingConnect pending;
    private String serverName = "";

    StreamSocket(SimulatedProcess process, boolean networked) {
        super(process);
        stream = new StreamEnd(world, this, networked);
    }

    final StreamEnd stream() {
        return stream;
    }

    /**
     * Tells whether there is, or has been, another end: it does not ask whether that is still there.
     */
    final boolean isConnected() {
        return peer != null;
    }

    final boolean isListening() {
        return state == State.LISTENING && !isClosed();
    }

    final Backlog<S> backlog() {
        return backlog;
    }

    final S peer(String call) throws KernelException {
        S other = peer;
        if (other == null) {
            throw new KernelException(Fault.ENOTCONN, 0, call);
        }
        return other;
    }

    /** Connects two sockets with each other: the one that asked for it, and the server's end. */
    static <S extends StreamSocket<S>> void link(S one, S other, String serverName) {
        one.linkTo(other);
        other.linkTo(one);
        one.named(serverName);
        other.named(serverName);
        StreamEnd.link(
                one.stream(), other.stream(), one.world.links().route(serverName, one.process(), other.process()));
    }

    final void named(String server) {
        serverName = server;
    }

    @Override
    final String serverName() {
        return serverName;
    }

    final void linkTo(S other) {
        state = State.CONNECTED;
        peer = other;
    }

    /** Leaves an end, which takes bytes from now on, with its listener; accept only hands it out. */
    static <S extends StreamSocket<S>> void enqueue(S connection, S listener) {
        connection.waitIn(listener);
        listener.backlog().add(connection);
        listener.world.changed();
    }

    final void waitIn(@Nullable S listener) {
        waitsIn = listener;
    }

    @Override
    final @Nullable OpenFile waitsIn() {
        return waitsIn;
    }

    /** Refuses what has no place where it could be found, or gives it one. */
    abstract void beforeListen() throws KernelException;

    final void listen(int connections) throws KernelException {
        if (state != State.UNCONNECTED && state != State.LISTENING) {
            throw new KernelException(Fault.EINVAL, 0, "listen", "it is connected");
        }
        beforeListen();
        state = State.LISTENING;
        backlog.limit(Math.min(connections, world.options().backlogLimit()));
        world.changed();
    }

    /** Refuses to connect what is anything already. */
    final void checkMayConnect(Fault whenListening) throws KernelException {
        Fault fault = switch (state) {
            case UNCONNECTED -> null;
            case CONNECTING -> Fault.EALREADY;
            case CONNECTED -> Fault.EISCONN;
            case LISTENING -> whenListening;
        };
        if (fault != null) {
            throw new KernelException(fault, 0, "connect");
        }
    }

    /** Begins a connect that finishConnect will answer. */
    final void connectLater(long extraNanos, PendingConnect.Attempt attempt) {
        begin(attempt).later(extraNanos);
    }

    /** Begins a connect that nobody ever answers. */
    final void connectNever() {
        begin(pending -> false);
    }

    private PendingConnect begin(PendingConnect.Attempt attempt) {
        state = State.CONNECTING;
        PendingConnect begun = new PendingConnect(world, this, attempt);
        pending = begun;
        return begun;
    }

    /** Answers how a pending connect ended. */
    final void finishConnect() throws KernelException {
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
            connectFailed();
            throw refusal;
        }
    }

    /** Undoes what connecting has done. */
    void connectFailed() {}

    /**
     * Ends the waiting of a pending connect, since the events of the selector that knows it will not be told any
     * more.
     */
    @Override
    final void beforeDetach() {
        if (pending != null) {
            pending.settle();
        }
    }

    /** Gives the oldest waiting connection a descriptor, or answers null; without one for it, it goes on waiting. */
    final @Nullable Accepted<S> accept(DescriptorTable descriptors) throws KernelException {
        if (state != State.LISTENING) {
            throw new KernelException(Fault.EINVAL, 0, "accept", "it does not listen");
        }
        S connection = backlog.peek();
        if (connection == null) {
            return null;
        }
        int descriptor = descriptors.open(connection, "accept");
        connection.waitIn(null);
        backlog.remove(connection);
        world.changed();
        return new Accepted<>(connection, descriptor);
    }

    /** A connection that a process has accepted. */
    record Accepted<S>(S connection, int descriptor) {}

    @Override
    final int sendBufferSize() {
        return stream.capacity();
    }

    /** The receive buffer's size, in contrast, is noted only: the sender's alone limits a stream. */
    @Override
    final void setSendBufferSize(int bytes) {
        stream.capacity(bytes);
        world.changed();
    }

    @Override
    final int readiness() {
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

    @Override
    final int triable() {
        return switch (state) {
            case CONNECTED -> StreamChannel.READ | StreamChannel.WRITE;
            case LISTENING -> StreamChannel.ACCEPT;
            case UNCONNECTED, CONNECTING -> 0;
        };
    }

    @Override
    void closed() {
        backlog.resetAll();
        stream.close(waitsIn == null);
    }
}
