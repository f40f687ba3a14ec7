/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.UdpChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A UDP socket as a channel; its family is that of the first address it meets. */
final class SimulatedUdpChannel extends SimulatedChannel<UdpSocket> implements UdpChannel {

    private static final int MOST_HOPS = 255;

    SimulatedUdpChannel(SimulatedSelector selector) {
        super(selector);
    }

    private UdpSocket open(InetSocketAddress address, String call) throws KernelException {
        boolean ipv6 = Loopback.isIpv6(Loopback.of(address));
        return open(() -> new UdpSocket(process, ipv6), call);
    }

    @Override
    public void bind(InetSocketAddress address, int options) throws KernelException {
        world.run(() -> open(address, "bind")
                .bind(address, (options & IPV6_ONLY) != 0, (options & REUSE_ADDRESS) != 0));
    }

    @Override
    public void connect(@Nullable InetSocketAddress address) throws KernelException {
        world.run(() -> {
            UdpSocket present = address == null ? socket("connect") : open(address, "connect");
            present.connect(address);
        });
    }

    @Override
    public int send(ByteBuffer data, int offset, int length, @Nullable InetSocketAddress to) throws KernelException {
        Objects.checkFromIndexSize(offset, length, data.capacity());
        return world.call(() -> {
            UdpSocket present = to == null ? socket("send") : open(to, "send");
            Effect effect = world.faults().isEmpty()
                    ? Effect.NONE
                    : process.befalling(
                            Operation.SEND, to == null ? present.serverName() : Loopback.text(to), "send");
            if (effect.isPutOff()) {
                putOff(WRITE);
                return WOULD_BLOCK;
            }
            if (!effect.is(Effect.Kind.LOSE)) {
                present.send(data, offset, length, to);
            }
            note("send by", length, -1);
            return length;
        });
    }

    @Override
    public int receive(Region into, int offset, int length, Arrival arrival) throws KernelException {
        return world.call(() -> {
            selector.checkRegion(into);
            Objects.checkFromIndexSize(offset, length, into.bytes().capacity());
            if (befalling(Operation.RECEIVE, "receive").isPutOff()) {
                putOff(READ);
                return WOULD_BLOCK;
            }
            int result = socket("receive").receive(into.bytes(), offset, length, arrival);
            selector.misuse().hasRead(into, offset, result);
            note(result < 0 ? "receive nothing by" : "receive by", result, -1);
            return result;
        });
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
    public void membership(InetAddress group, @Nullable NetworkInterface on, boolean join) throws KernelException {
        world.run(() -> open(new InetSocketAddress(group, 0), "setsockopt").membership(group, join));
    }

    @Override
    public void broadcast(boolean on) throws KernelException {
        world.run(() -> socket("setsockopt").broadcast(on));
    }

    @Override
    public void ttl(int hops) throws KernelException {
        checkHops(hops, 1);
    }

    @Override
    public void multicastTtl(int hops) throws KernelException {
        checkHops(hops, 0);
    }

    /** Checked only: no datagram leaves the machine, and none needs a hop on it. */
    private void checkHops(int hops, int least) throws KernelException {
        world.run(() -> {
            socket("setsockopt");
            if (hops < least || hops > MOST_HOPS) {
                throw new KernelException(Fault.EINVAL, 0, "setsockopt", least + " to " + MOST_HOPS + " hops");
            }
        });
    }

    @Override
    public void multicastLoop(boolean on) throws KernelException {
        world.run(() -> socket("setsockopt").multicastLoop(on));
    }

    @Override
    public void multicastInterface(NetworkInterface by) throws KernelException {
        // There is but one.
        world.run(() -> socket("setsockopt"));
    }
}
