/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.TcpChannel;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A TCP socket; its family is that of the first address it meets. */
final class TcpSocket extends StreamSocket implements TcpChannel {

    private boolean ipv6;

    TcpSocket(UnixSelector selector) {
        super(selector);
    }

    /** Takes an open socket. */
    TcpSocket(UnixSelector selector, int descriptor, boolean ipv6) {
        super(selector);
        this.ipv6 = ipv6;
        opened(descriptor);
    }

    @Override
    public boolean hasErrorQueue() {
        return true;
    }

    private void open(InetSocketAddress address) throws KernelException {
        if (fd() == NONE) {
            UnixSystem system = selector.system;
            ipv6 = InternetAddress.isIpv6(address);
            int family = InternetAddress.family(system, ipv6);
            opened(system.check(system.socket(selector.state, family, UnixSystem.SOCK_STREAM), "socket"));
        }
    }

    @Override
    public void bind(InetSocketAddress address, int options) throws KernelException {
        open(address);
        UnixSystem.Numbers numbers = selector.system.numbers();
        UnixSystem.Internet internet = selector.system.internet();
        // Without it a restarted server would wait for its own connections' TIME_WAIT to pass; libuv and Java set it.
        option(numbers.solSocket(), numbers.soReuseaddr(), 1);
        if ((options & REUSE_PORT) != 0) {
            if (!selector.system.sharesPorts()) {
                throw new KernelException(Fault.ENOTSUP, 0, "setsockopt",
                        "SO_REUSEPORT does not share connections between listeners here");
            }
            option(numbers.solSocket(), numbers.soReuseport(), 1);
        }
        if (ipv6) {
            option(UnixSystem.IPPROTO_IPV6, internet.ipv6V6only(), (options & IPV6_ONLY) != 0 ? 1 : 0);
        }
        MemorySegment at = selector.scratch.address();
        int length = InternetAddress.put(selector.system, at, address, ipv6);
        selector.system.check(UnixCalls.bind(selector.state, fd(), at.address(), length), "bind");
    }

    @Override
    public boolean connect(InetSocketAddress address) throws KernelException {
        open(address);
        MemorySegment at = selector.scratch.address();
        int length = InternetAddress.put(selector.system, at, address, ipv6);
        connecting(true);
        int result = UnixCalls.connect(selector.state, fd(), at.address(), length);
        connecting(false);
        if (result == -selector.system.numbers().einprogress()) {
            return false;
        }
        selector.system.check(result, "connect");
        return true;
    }

    @Override
    public @Nullable TcpChannel accept() throws KernelException {
        int accepted = acceptDescriptor();
        return accepted == WOULD_BLOCK ? null : new TcpSocket(selector, accepted, ipv6);
    }

    @Override
    public boolean isConnected() {
        try {
            peerAddress();
            return true;
        } catch (KernelException unconnected) {
            return selector.system.wasConnected(unconnected.fault()) || wasReset();
        }
    }

    /**
     * Tells a connection that was reset, and so has no peer any more, from a socket that never had one: it has an end or an
     * error to be read.
     */
    private boolean wasReset() {
        try {
            return option(selector.system.numbers().soAcceptconn()) == 0 && isReadableNow();
        } catch (KernelException unknown) {
            return false;
        }
    }

    @Override
    public InetSocketAddress localAddress() throws KernelException {
        return InternetAddress.ask(selector, fd(), false);
    }

    @Override
    public InetSocketAddress peerAddress() throws KernelException {
        return InternetAddress.ask(selector, fd(), true);
    }

    @Override
    public void noDelay(boolean on) throws KernelException {
        option(UnixSystem.IPPROTO_TCP, UnixSystem.TCP_NODELAY, on ? 1 : 0);
    }

    @Override
    public void keepAlive(int idleSeconds) throws KernelException {
        UnixSystem.Numbers numbers = selector.system.numbers();
        UnixSystem.Internet internet = selector.system.internet();
        option(numbers.solSocket(), numbers.soKeepalive(), idleSeconds > 0 ? 1 : 0);
        if (idleSeconds > 0) {
            option(UnixSystem.IPPROTO_TCP, internet.tcpKeepidle(), idleSeconds);
        }
    }
}
