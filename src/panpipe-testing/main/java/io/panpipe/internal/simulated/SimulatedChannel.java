/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A selector's hold on a descriptor: what the loop is interested in. Rules are the socket's, which other channels may
 * have too.
 *
 * @param <F> what the descriptor stands for
 */
abstract class SimulatedChannel<F extends SimulatedSocket> implements Channel {

    private static final int NONE = -1;
    private static final long PUT_OFF_NANOS = 10_000;

    final SimulatedSelector selector;
    final SimulatedProcess process;
    final World world;
    private @Nullable F socket;
    private @Nullable ChannelListener listener;
    private int descriptor = NONE;
    private int interest;
    private int putOff;
    private boolean closed;

    SimulatedChannel(SimulatedSelector selector) {
        this.selector = selector;
        process = selector.process();
        world = process.world();
    }

    /** Takes a socket's descriptor, which nobody else works with. The world's lock is held. */
    final void take(F taken, int number) {
        selector.register(this);
        process.descriptors().claim(number, true);
        socket = taken;
        descriptor = number;
    }

    final F socket(String call) throws KernelException {
        F present = socket;
        if (present == null || present.isClosed()) {
            throw new KernelException(Fault.EBADF, 0, call);
        }
        return present;
    }

    /** Returns the socket, made now if there is none yet. */
    final F open(Supplier<F> maker, String call) throws KernelException {
        if (socket == null && !closed) {
            befalling(Operation.OPEN, "socket");
            F made = maker.get();
            take(made, process.descriptors().open(made, "socket"));
        }
        return socket(call);
    }

    /** Asks what befalls an operation; see {@link SimulatedProcess#befalling}. */
    final Effect befalling(Operation operation, String call) throws KernelException {
        if (world.faults().isEmpty()) {
            return Effect.NONE;
        }
        F present = socket;
        return process.befalling(operation, present == null ? "" : present.serverName(), call);
    }

    /** Makes this channel unready for an operation for a moment, in which time moves. */
    final void putOff(int operation) {
        putOff |= operation;
        world.clock().schedule(PUT_OFF_NANOS, null, () -> {
            putOff &= ~operation;
            world.changed();
        });
    }

    /** Notes what this channel has done. */
    final void note(String what, long result, long of) {
        F present = socket;
        world.trace().add(process.label(), what, present == null ? "" : present.label(), result, of);
    }

    /** Returns the socket, or null if there is none yet or any more. */
    final @Nullable F socketIfAny() {
        return socket;
    }

    /** Returns the interest that can be tried now. The world's lock is held. */
    final int ready() {
        F present = socket;
        return interest == 0 || present == null || present.isClosed()
                ? 0
                : interest & possible(present.readiness()) & ~putOff;
    }

    /** Returns the interest that a spurious event may carry. The world's lock is held. */
    final int triable() {
        F present = socket;
        return present == null || present.isClosed() ? 0 : interest & possible(present.triable()) & ~putOff;
    }

    /** Returns those of a socket's operations that this channel may be told of. */
    int possible(int operations) {
        return operations;
    }

    /** Tells of an event of the batch, less what was closed or lost its interest since. */
    final void dispatchReady(int operations) {
        int wanted = operations & interest;
        if (wanted != 0) {
            listener().ready(wanted);
        }
    }

    final ChannelListener listener() {
        return Objects.requireNonNull(listener, "set a listener before any interest or write");
    }

    @Override
    public final void listener(ChannelListener told) {
        listener = told;
    }

    @Override
    public final void interest(int operations) throws KernelException {
        world.run(() -> {
            // Who was killed in the middle of a turn ends it, and goes on to change what nobody will ever look at.
            if (operations != 0 && !process.isDead()) {
                socket("interest");
                listener();
            }
            interest = operations;
        });
    }

    @Override
    public final long descriptor() {
        return world.call(() -> socket == null || socket.isClosed() ? NONE : descriptor);
    }

    @Override
    public final int sendBufferSize() throws KernelException {
        return world.call(() -> socket("getsockopt").sendBufferSize());
    }

    @Override
    public final void sendBufferSize(int bytes) throws KernelException {
        world.run(() -> socket("setsockopt").sendBufferSize(bytes));
    }

    @Override
    public final int receiveBufferSize() throws KernelException {
        return world.call(() -> socket("getsockopt").receiveBufferSize());
    }

    @Override
    public final void receiveBufferSize(int bytes) throws KernelException {
        world.run(() -> socket("setsockopt").receiveBufferSize(bytes));
    }

    @Override
    public final long duplicate() throws KernelException {
        return world.call(() -> {
            befalling(Operation.OPEN, "dup");
            socket("dup");
            int copy = process.descriptors().duplicate(descriptor);
            duplicated();
            return copy;
        });
    }

    @Override
    public final long detach() throws KernelException {
        return world.call(() -> {
            F detached = socket("detach");
            checkIdle("detach");
            detached.beforeDetach();
            process.descriptors().claim(descriptor, false);
            long given = descriptor;
            forget();
            closed = true;
            return given;
        });
    }

    @Override
    public final void close() {
        world.run(() -> {
            beforeClose();
            if (socket != null) {
                note("close", -1, -1);
            }
            discard();
            closed = true;
        });
    }

    /** Ends the channel together with its process, which closes the descriptor. */
    final void abandon() {
        abandoned();
        forget();
        closed = true;
    }

    /** Notes that the socket has another descriptor, which outlives this one. */
    void duplicated() {}

    /** Ends what is in flight. */
    void abandoned() {}

    /** Refuses what cannot be done while the channel has something in flight. */
    void checkIdle(String call) {}

    /** Ends what the channel itself has to do with its socket. */
    void beforeClose() {}

    /** Forgets what the channel itself knows of its socket. */
    void released() {}

    /** Closes the descriptor; the channel may get another one. */
    final void discard() {
        F present = socket;
        int number = descriptor;
        forget();
        // A socket that was closed by force has no descriptor any more: the number may be another file's.
        if (present != null && !present.isClosed()) {
            process.descriptors().closeOwn(number);
        }
    }

    private void forget() {
        selector.unregister(this);
        socket = null;
        descriptor = NONE;
        interest = 0;
        released();
    }
}
