/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A socket of the Unix domain as a channel, with the name that it has bound. */
final class SimulatedPipeChannel extends SimulatedStreamChannel<PipeSocket> implements PipeChannel {

    private @Nullable NameEntry boundEntry;
    private boolean leavesName;
    private int lent;
    private @Nullable NameEntry due;

    SimulatedPipeChannel(SimulatedSelector selector) {
        super(selector);
    }

    private Effect befalling(Operation operation, String name, String call) throws KernelException {
        return world.faults().isEmpty() ? Effect.NONE : process.befalling(operation, name, call);
    }

    private PipeSocket open(String call) throws KernelException {
        return open(() -> new PipeSocket(process), call);
    }

    @Override
    public void bind(String name, int mode, int options) throws KernelException {
        world.run(() -> {
            befalling(Operation.BIND, name, "bind");
            boolean isNew = socketIfAny() == null;
            PipeSocket present = open("bind");
            try {
                boundEntry = present.bind(name, mode, (options & REPLACE_STALE) != 0);
                note("bind to " + boundEntry.name() + " as", -1, -1);
            } catch (KernelException refused) {
                if (isNew) {
                    discard();
                }
                throw refused;
            }
        });
    }

    @Override
    public boolean connect(String name) throws KernelException {
        return world.call(() -> {
            Effect effect = befalling(Operation.CONNECT, name, "connect");
            boolean done = open("connect").connect(name, effect);
            note(done ? "connected to " + name + " by" : "connecting to " + name + " by", -1, -1);
            return done;
        });
    }

    @Override
    public @Nullable PipeChannel accept() throws KernelException {
        return acceptInto(new SimulatedPipeChannel(selector));
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
    public int writeWithHandles(Gather data, long[] descriptors, int count) throws KernelException {
        Objects.checkFromIndexSize(0, count, descriptors.length);
        if (data.total() == 0 || count == 0) {
            throw new IllegalArgumentException(
                    "at least one byte and one descriptor: without a byte the system would lose the descriptors");
        }
        return send(data, descriptors, count);
    }

    @Override
    public int readWithHandles(Region into, int offset, int length, HandleInbox inbox) throws KernelException {
        inbox.clear();
        return receive(into, offset, length, inbox);
    }

    @Override
    public void pendingInstances(int count) {
        // The backlog does this, as on Unix.
    }

    @Override
    public boolean releaseName() {
        return world.call(() -> {
            NameEntry bound = boundEntry;
            boolean isPath = bound != null && !PipeName.isAbstract(bound.name());
            if (bound != null && isPath) {
                removeName(bound);
            }
            return isPath;
        });
    }

    @Override
    void duplicated() {
        lent++;
    }

    /** Whoever gets the duplicate has the socket, and with it the name. */
    @Override
    public void passed(boolean sent) {
        world.run(() -> {
            lent--;
            NameEntry waiting = due;
            if (sent) {
                leavesName = true;
                due = null;
            } else if (lent == 0 && waiting != null) {
                due = null;
                world.names().remove(waiting);
            }
        });
    }

    @Override
    void beforeClose() {
        NameEntry bound = boundEntry;
        if (bound != null) {
            removeName(bound);
        }
        super.beforeClose();
    }

    private void removeName(NameEntry bound) {
        if (lent > 0) {
            due = bound;
        } else if (!leavesName) {
            // Only while it is its own: by now the name may lead to a successor's socket.
            world.names().remove(bound);
        }
    }

    @Override
    void released() {
        boundEntry = null;
        leavesName = false;
    }

    @Override
    public boolean halfCloses() {
        return world.options().pipesHalfClose();
    }
}
