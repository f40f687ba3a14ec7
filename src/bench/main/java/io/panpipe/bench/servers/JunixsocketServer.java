/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * The server over junixsocket's channels and selector, which is made of poll(2). It drops a connection that hangs up
 * with what could still be read there (2.11.1, on POLLHUP), so the end of a proxied conversation may be cut.
 */
public final class JunixsocketServer extends SelectorServer {

    private final AFUNIXSelectorProvider provider;
    private final AFUNIXServerSocketChannel server;
    private final Set<SelectionKey> selected = selector.selectedKeys();

    private JunixsocketServer(ServerProcess process, AFUNIXSelectorProvider provider) throws IOException {
        super(process, provider.openSelector());
        this.provider = provider;
        server = provider.openServerSocketChannel();
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        new JunixsocketServer(ServerProcess.of(args), AFUNIXSelectorProvider.provider()).run();
    }

    @Override
    boolean supports(String work) {
        return work.equals("handles") || super.supports(work);
    }

    @Override
    void connected(SocketChannel channel) throws IOException {
        if (channel instanceof AFUNIXSocketChannel socket && process.work().equals("handles")) {
            new JunixsocketHandles(this, socket);
        } else {
            super.connected(channel);
        }
    }

    @Override
    SelectableChannel listen() throws IOException {
        return server.bind(AFUNIXSocketAddress.of(process.path()), BACKLOG);
    }

    @Override
    @Nullable SocketChannel accept() throws IOException {
        return server.accept();
    }

    @Override
    SocketChannel connectUpstream() throws IOException {
        return provider.openSocketChannel(AFUNIXSocketAddress.of(process.requiredUpstream()));
    }

    @Override
    void turn(Consumer<SelectionKey> dispatch) throws IOException {
        selector.select();
        selected.forEach(dispatch);
        selected.clear();
    }
}
