/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.TcpChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A TCP socket as a channel; its family is that of the first address it meets. */
final class SimulatedTcpChannel extends SimulatedStreamChannel<TcpSocket> implements TcpChannel {

    SimulatedTcpChannel(SimulatedSelector selector) {
        super(selector);
    }

    private TcpSocket open(InetSocketAddress address, String call) throws KernelException {
        boolean ipv6 = Loopback.isIpv6(Loopback.of(address));
        return open(() -> new TcpSocket(process, ipv6), call);
    }

    @Override
    public void bind(InetSocketAddress address, int options) throws KernelException {
        world.run(() -> {
            befalling(Operation.BIND, "bind");
            open(address, "bind").bind(address, (options & IPV6_ONLY) != 0, (options & REUSE_PORT) != 0);
            note("bind to " + address.getPort() + " as", -1, -1);
        });
    }

    @Override
    public boolean connect(InetSocketAddress address) throws KernelException {
        world.run(() -> {
            Effect effect = world.faults().isEmpty()
                    ? Effect.NONE
                    : process.befalling(Operation.CONNECT, Loopback.text(address), "connect");
            open(address, "connect").connect(address, effect);
            note("connecting to port " + address.getPort() + " by", -1, -1);
        });
        return false;
    }

    @Override
    public @Nullable TcpChannel accept() throws KernelException {
        return acceptInto(new SimulatedTcpChannel(selector));
    }

    @Override
    public InetSocketAddress localAddress() throws KernelException {
        return world.call(() -> socket("getsockname").localAddress());
    }

    @Override
    public InetSocketAddress peerAddress() throws KernelException {
        return world.call(() -> socket("getpeername").peerAddress());
    }

    @Override
    public void noDelay(boolean on) throws KernelException {
        world.run(() -> socket("setsockopt").noDelay(on));
    }

    @Override
    public void keepAlive(int idleSeconds) throws KernelException {
        world.run(() -> socket("setsockopt").keepAlive(idleSeconds));
    }
}
