/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The server over the JDK's own channels. */
public final class NioServer extends SelectorServer {

    private static final boolean BUSY = ServerProcess.busy();

    private final ServerSocketChannel server;
    private @Nullable SecondThread answers;
    private @Nullable NioServer second;
    private boolean toSecond;

    private NioServer(ServerProcess process) throws IOException {
        super(process, Selector.open());
        server = overTcp() ? ServerSocketChannel.open() : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        ServerProcess process = ServerProcess.of(args);
        if (process.work().equals("udp-echo")) {
            NioUdp.serve(process);
            return;
        }
        NioServer server = new NioServer(process);
        switch (process.work()) {
            case "remote" -> server.answers = new SecondThread(server::execute);
            case "two-loops" -> server.second = inThread(new NioServer(process));
            default -> { }
        }
        server.run();
    }

    private static NioServer inThread(NioServer server) {
        Thread.ofPlatform().daemon().name("second").start(() -> {
            try {
                server.serve();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        return server;
    }

    private boolean overTcp() {
        return process.work().equals("tcp-echo");
    }

    @Override
    boolean supports(String work) {
        return switch (work) {
            case "tcp-echo", "remote", "two-loops" -> true;
            default -> super.supports(work);
        };
    }

    @Override
    void connected(SocketChannel channel) throws IOException {
        if (overTcp()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            new SelectorEcho(this, channel);
        } else if (answers != null) {
            new SelectorRemote(this, channel, answers);
        } else if (second != null) {
            NioServer its = toSecond ? second : this;
            toSecond = !toSecond;
            its.execute(() -> its.echo(channel));
        } else {
            super.connected(channel);
        }
    }

    private void echo(SocketChannel channel) {
        try {
            new SelectorEcho(this, channel);
        } catch (IOException refused) {
            System.err.println("accept: " + refused);
        }
    }

    @Override
    SelectableChannel listen() throws IOException {
        return overTcp()
                ? server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG)
                : server.bind(UnixDomainSocketAddress.of(process.path()), BACKLOG);
    }

    @Override
    void ready() throws IOException {
        if (server.getLocalAddress() instanceof InetSocketAddress address) {
            process.ready("tcp", address.getPort());
        } else {
            super.ready();
        }
    }

    @Override
    @Nullable SocketChannel accept() throws IOException {
        return server.accept();
    }

    @Override
    SocketChannel connectUpstream() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(process.requiredUpstream()));
    }

    @Override
    void turn(Consumer<SelectionKey> dispatch) throws IOException {
        if (BUSY && selector.keys().size() > 1) {
            selector.selectNow(dispatch);
        } else {
            selector.select(dispatch);
        }
    }
}
