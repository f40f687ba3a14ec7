/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket.
 *
 * <p>It connects a moment later, always: so does every non-blocking TCP socket, also to its own machine.
 */
final class TcpSocket extends StreamSocket<TcpSocket> {

    private static final int LONGEST_IDLE_SECONDS = 32_767;

    /** When Linux knocks again at a listener that had no room (tcp(7): the initial retransmission timeout). */
    private static final long FIRST_RETRY_NANOS = 1_000_000_000;

    private final LocalEnd<TcpSocket> end;
    private boolean mayShareIdlePort;
    private boolean reusesPort;
    private @Nullable InetSocketAddress connectedFrom;
    private boolean noDelay;
    private int keepAliveSeconds;

    TcpSocket(SimulatedProcess process, boolean ipv6) {
        super(process, true);
        end = new LocalEnd<>(world.tcpPorts(), this, ipv6, credentials().uid() == 0);
    }

    @Override
    HandleKind kind() {
        return HandleKind.TCP;
    }

    @Override
    String description() {
        return "a TCP socket";
    }

    /**
     * Tells whether a socket may be bound beside one that is there. SO_REUSEADDR, which bind always sets, lets two have
     * an address until one of them listens; the other one's listen is refused then.
     */
    static boolean mayShare(TcpSocket asking, TcpSocket present) {
        boolean bothReusePort = asking.reusesPort && present.reusesPort;
        if (bothReusePort && asking.credentials().uid() == present.credentials().uid()) {
            return true;
        }
        return asking.mayShareIdlePort && present.mayShareIdlePort && !present.isListening();
    }

    void bind(InetSocketAddress address, boolean onlyIpv6, boolean reusePort) throws KernelException {
        mayShareIdlePort = true;
        reusesPort = reusePort;
        end.bind(address, onlyIpv6, false);
        named(Loopback.text(end.address()));
    }

    @Override
    void beforeListen() throws KernelException {
        end.bindAny("listen");
        end.checkStillMine("listen");
        named(Loopback.text(end.address()));
    }

    /**
     * Begins to connect to an address.
     *
     * @param effect what befalls it
     */
    void connect(InetSocketAddress to, Effect effect) throws KernelException {
        checkMayConnect(Fault.EISCONN);
        InetAddress destination = end.destination(to, "connect");
        Loopback.checkReachable(destination, "connect");
        InetAddress source = end.source(destination);
        end.bindAny(source, "connect");
        InetSocketAddress from = new InetSocketAddress(source, end.port());
        InetSocketAddress target = new InetSocketAddress(destination, to.getPort());
        connectedFrom = from;
        if (effect.is(Effect.Kind.SILENCE)) {
            connectNever();
            return;
        }
        List<TcpSocket> listeners = listeners(target);
        Link link = world.links().find(
                Loopback.text(target), process(), listeners.isEmpty() ? null : listeners.getFirst().process());
        long retry = effect.is(Effect.Kind.CROWD) ? FIRST_RETRY_NANOS : 0;
        connectLater(link.roundTrip() + retry, pending -> knock(pending, from, target));
    }

    /** A full listener lets nobody in, and refuses nobody: it answers when it has room. */
    private boolean knock(PendingConnect pending, InetSocketAddress from, InetSocketAddress to)
            throws KernelException {
        List<TcpSocket> listeners = listeners(to);
        if (listeners.isEmpty()) {
            throw new KernelException(Fault.ECONNREFUSED, 0, "connect");
        }
        TcpSocket listener = listeners.size() == 1 ? listeners.getFirst() : world.scheduler().pick(listeners);
        if (listener.backlog().isFull()) {
            listener.backlog().knock(pending);
            return false;
        }
        TcpSocket serverEnd = new TcpSocket(listener.process(), listener.end.ipv6());
        serverEnd.connectedFrom = to;
        link(this, serverEnd, Loopback.text(to));
        enqueue(serverEnd, listener);
        return true;
    }

    private List<TcpSocket> listeners(InetSocketAddress to) {
        return world.tcpPorts().best(to.getAddress(), to.getPort(), socket -> socket.isListening() ? 0 : -1);
    }

    @Override
    void connectFailed() {
        connectedFrom = null;
        end.restore();
    }

    InetSocketAddress localAddress() {
        InetSocketAddress own = connectedFrom;
        return own == null ? end.address() : own;
    }

    /** Linux tells it no more once the connection has been reset. */
    InetSocketAddress peerAddress() throws KernelException {
        TcpSocket other = peer("getpeername");
        if (stream().isReset()) {
            throw new KernelException(Fault.ENOTCONN, 0, "getpeername");
        }
        return other.localAddress();
    }

    boolean noDelay() {
        return noDelay;
    }

    /** Noted only: nothing is ever held back here. */
    void noDelay(boolean on) {
        noDelay = on;
    }

    int keepAliveSeconds() {
        return keepAliveSeconds;
    }

    /** Noted only: no end of a connection ever vanishes without a word. */
    void keepAlive(int idleSeconds) throws KernelException {
        if (idleSeconds < 0 || idleSeconds > LONGEST_IDLE_SECONDS) {
            throw new KernelException(Fault.EINVAL, 0, "setsockopt", "0 to 32767 seconds");
        }
        keepAliveSeconds = idleSeconds;
    }

    @Override
    void closed() {
        end.unbind();
        super.closed();
    }
}
