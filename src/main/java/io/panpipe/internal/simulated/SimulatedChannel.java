/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A selector's hold on a socket: what the loop is interested in, and what it has in flight. Rules are the socket's. */
final class SimulatedChannel implements PipeChannel {

    private static final int NONE = -1;

    private final SimulatedSelector selector;
    private final SimulatedProcess process;
    private final World world;
    private @Nullable SimulatedSocket socket;
    private @Nullable NameEntry boundEntry;
    private @Nullable ChannelListener listener;
    private @Nullable Flight flight;
    private int interest;
    private boolean closed;

    SimulatedChannel(SimulatedSelector selector) {
        this.selector = selector;
        process = selector.process();
        world = process.world();
    }

    /** Makes a channel of a socket that has a descriptor. The world's lock is held. */
    SimulatedChannel(SimulatedSelector selector, SimulatedSocket socket) {
        this(selector);
        take(socket);
    }

    private void take(SimulatedSocket taken) {
        selector.register(this);
        taken.owner(this);
        socket = taken;
    }

    private SimulatedSocket socket(String call) throws KernelException {
        SimulatedSocket present = socket;
        if (present == null || present.isClosed()) {
            throw new KernelException(Fault.EBADF, 0, call);
        }
        return present;
    }

    /** Returns the socket, made now if there is none yet. */
    private SimulatedSocket open(String call) throws KernelException {
        if (socket == null && !closed) {
            SimulatedSocket made = new SimulatedSocket(process);
            process.descriptors().open(made, "socket");
            take(made);
        }
        return socket(call);
    }

    /** Returns the interest that can be tried now. The world's lock is held. */
    int ready() {
        SimulatedSocket present = socket;
        if (interest == 0 || present == null) {
            return 0;
        }
        int operations = present.readiness();
        // No further write is made while one is in flight; only a hang-up tells of more.
        boolean writesBarred = flight != null && operations != StreamEnd.EVERYTHING;
        return interest & (writesBarred ? operations & ~WRITE : operations);
    }

    /** Returns the interest that a spurious event may carry. The world's lock is held. */
    int triable() {
        SimulatedSocket present = socket;
        return present == null ? 0 : interest & (flight == null ? present.triable() : present.triable() & ~WRITE);
    }

    /** Tells of an event of the batch, less what was closed or lost its interest since. */
    void dispatchReady(int operations) {
        int wanted = operations & interest;
        if (wanted != 0) {
            listener().ready(wanted);
        }
    }

    /** Has the selector tell how the write in flight ended. The world's lock is held. */
    void report(Consumer<ChannelListener> outcome) {
        selector.report(this, outcome);
    }

    void dispatchReport(Consumer<ChannelListener> outcome) {
        flight = null;
        outcome.accept(listener());
    }

    private ChannelListener listener() {
        return Objects.requireNonNull(listener, "set a listener before any interest or write");
    }

    @Override
    public void listener(ChannelListener told) {
        listener = told;
    }

    @Override
    public void interest(int operations) throws KernelException {
        world.run(() -> {
            if (operations != 0) {
                socket("interest");
                listener();
            }
            interest = operations;
        });
    }

    @Override
    public long descriptor() {
        return world.call(() -> socket == null ? NONE : socket.descriptor());
    }

    @Override
    public boolean isConnected() {
        return world.call(() -> socket != null && socket.isConnected());
    }

    @Override
    public boolean readable() {
        return true;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public int read(Region into, int offset, int length) throws KernelException {
        return world.call(() -> {
            selector.checkRegion(into);
            Objects.checkFromIndexSize(offset, length, into.bytes().capacity());
            if (length == 0) {
                throw new IllegalArgumentException("a read of no bytes cannot tell data from the end");
            }
            return socket("read").stream().read(into.bytes(), offset, length);
        });
    }

    @Override
    public int write(Gather data) throws KernelException {
        return world.call(() -> {
            StreamEnd stream = socket("write").stream();
            checkNothingInFlight("write");
            selector.checkGather(data);
            stream.checkWritable();
            if (data.total() == 0) {
                return 0;
            }
            GatheredBytes bytes = new GatheredBytes(data);
            if (world.scheduler().writesInFlight()) {
                listener();
                selector.flightBegun();
                flight = Flight.begin(this, world, stream, selector.waiter(), bytes);
                return IN_FLIGHT;
            }
            int possible = Math.min(bytes.left(), stream.room());
            if (possible == 0) {
                return WOULD_BLOCK;
            }
            int length = world.scheduler().cut(possible);
            stream.write(bytes, length);
            return length;
        });
    }

    /** The flight's memory and its place in the stream leave no room for what comes next before it is reported. */
    private void checkNothingInFlight(String call) {
        if (flight != null) {
            throw new IllegalStateException(call + " while a write is in flight: wait for written or writeFailed");
        }
    }

    @Override
    public boolean writesInFlight() {
        return world.options().inFlightShare() > 0;
    }

    @Override
    public void shutdownOutput() throws KernelException {
        world.run(() -> {
            SimulatedSocket present = socket("shutdown");
            checkNothingInFlight("shutdown");
            present.stream().shutdownOutput();
        });
    }

    @Override
    public void bind(String name, int mode, int options) throws KernelException {
        world.run(() -> {
            boolean isNew = socket == null;
            SimulatedSocket present = open("bind");
            try {
                boundEntry = present.bind(name, mode, (options & REPLACE_STALE) != 0);
            } catch (KernelException refused) {
                if (isNew) {
                    selector.unregister(this);
                    present.close();
                    socket = null;
                }
                throw refused;
            }
        });
    }

    @Override
    public boolean connect(String name) throws KernelException {
        return world.call(() -> open("connect").connect(name));
    }

    @Override
    public void finishConnect() throws KernelException {
        world.run(() -> socket("connect").finishConnect());
    }

    @Override
    public void listen(int backlog) throws KernelException {
        world.run(() -> socket("listen").listen(backlog));
    }

    @Override
    public @Nullable PipeChannel accept() throws KernelException {
        return world.call(() -> {
            SimulatedSocket accepted = socket("accept").accept();
            return accepted == null ? null : new SimulatedChannel(selector, accepted);
        });
    }

    @Override
    public String localName() throws KernelException {
        return world.call(() -> socket("getsockname").name());
    }

    @Override
    public String peerName() throws KernelException {
        return world.call(() -> socket("getpeername").peerName());
    }

    @Override
    public Credentials peerCredentials() throws KernelException {
        return world.call(() -> socket("getpeercred").peerCredentials());
    }

    @Override
    public void permissions(int mode) throws KernelException {
        world.run(() -> {
            socket("chmod");
            NameEntry bound = boundEntry;
            if (bound == null || PipeName.isAbstract(bound.name())) {
                throw new KernelException(Fault.EINVAL, 0, "chmod", "this pipe has bound no path");
            }
            if (!world.names().isCurrent(bound)) {
                throw new KernelException(Fault.ENOENT, 0, "chmod", "the path no longer leads to this socket");
            }
            NameSpace.checkMode(mode, "chmod");
            bound.mode(mode);
        });
    }

    @Override
    public void pendingInstances(int count) {
        // The backlog does this, as on Unix.
    }

    @Override
    public int sendBufferSize() throws KernelException {
        return world.call(() -> socket("getsockopt").sendBufferSize());
    }

    @Override
    public void sendBufferSize(int bytes) throws KernelException {
        world.run(() -> socket("setsockopt").sendBufferSize(bytes));
    }

    @Override
    public int receiveBufferSize() throws KernelException {
        return world.call(() -> socket("getsockopt").receiveBufferSize());
    }

    @Override
    public void receiveBufferSize(int bytes) throws KernelException {
        world.run(() -> socket("setsockopt").receiveBufferSize(bytes));
    }

    @Override
    public long detach() throws KernelException {
        return world.call(() -> {
            SimulatedSocket detached = socket("detach");
            checkNothingInFlight("detach");
            detached.settleConnect();
            detached.owner(null);
            release();
            return detached.descriptor();
        });
    }

    @Override
    public void close() {
        world.run(() -> {
            SimulatedSocket present = socket;
            NameEntry bound = boundEntry;
            if (bound != null) {
                // Only while it is its own: by now the name may lead to a successor's socket.
                world.names().remove(bound);
            }
            if (flight != null) {
                flight.cancel();
            }
            release();
            if (present != null) {
                present.close();
            }
        });
    }

    private void release() {
        selector.unregister(this);
        socket = null;
        boundEntry = null;
        interest = 0;
        closed = true;
    }
}
