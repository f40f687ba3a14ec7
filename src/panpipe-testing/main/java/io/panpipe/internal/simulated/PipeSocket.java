/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import org.jspecify.annotations.Nullable;

/** A stream socket of the Unix domain. */
final class PipeSocket extends StreamSocket<PipeSocket> {

    private @Nullable NameEntry entry;
    private String name = "";

    PipeSocket(SimulatedProcess process) {
        super(process, false);
    }

    @Override
    HandleKind kind() {
        return HandleKind.PIPE;
    }

    @Override
    String description() {
        return "a stream socket of the Unix domain";
    }

    String name() {
        return name;
    }

    /** Binds to a name and returns the entry made. */
    NameEntry bind(String asked, int mode, boolean replace) throws KernelException {
        if (entry != null) {
            throw new KernelException(Fault.EINVAL, 0, "bind", "it is bound already");
        }
        NameEntry made = world.names().bind(asked, mode, replace, this, credentials());
        entry = made;
        name = made.name();
        named(name);
        return made;
    }

    @Override
    void beforeListen() throws KernelException {
        if (entry == null) {
            throw new KernelException(Fault.EINVAL, 0, "listen", "it is not bound");
        }
    }

    /**
     * Connects to a name, now or later.
     *
     * @param effect what befalls it
     * @return whether it is connected
     */
    boolean connect(String to, Effect effect) throws KernelException {
        PipeName.check(to, "connect");
        checkMayConnect(Fault.EINVAL);
        if (effect.is(Effect.Kind.SILENCE)) {
            connectNever();
            return false;
        }
        if (effect.is(Effect.Kind.CROWD)) {
            throw new KernelException(Fault.EAGAIN, 0, "connect");
        }
        long way = linkTo(to).roundTrip();
        if (way > 0 || effect.isPutOff() || world.scheduler().connectsLater()) {
            connectLater(way, pending -> connectNow(to));
            return false;
        }
        return connectNow(to);
    }

    private Link linkTo(String to) {
        NameEntry found = world.names().find(to);
        PipeSocket server = found == null ? null : found.socket();
        return world.links().find(to, process(), server == null ? null : server.process());
    }

    private boolean connectNow(String to) throws KernelException {
        PipeSocket server = world.names().resolve(to, credentials());
        if (!server.isListening()) {
            throw new KernelException(Fault.ECONNREFUSED, 0, "connect");
        }
        if (server.backlog().isFull()) {
            throw new KernelException(Fault.EAGAIN, 0, "connect");
        }
        PipeSocket serverEnd = new PipeSocket(server.process());
        serverEnd.name = server.name;
        link(this, serverEnd, server.name);
        enqueue(serverEnd, server);
        return true;
    }

    /** Linux goes on telling it after the peer has closed. */
    String peerName() throws KernelException {
        return peer("getpeername").name();
    }

    Credentials peerCredentials() throws KernelException {
        return peer("getpeercred").credentials();
    }

    /** A path stays behind, an abstract name vanishes. */
    @Override
    void closed() {
        if (entry != null && PipeName.isAbstract(name)) {
            world.names().remove(entry);
        }
        super.closed();
    }
}
