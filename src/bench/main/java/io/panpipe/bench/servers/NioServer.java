/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.net.StandardProtocolFamily;
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

    private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);

    private NioServer(ServerProcess process) throws IOException {
        super(process, Selector.open());
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        new NioServer(ServerProcess.of(args)).run();
    }

    @Override
    SelectableChannel listen() throws IOException {
        return server.bind(UnixDomainSocketAddress.of(process.path()), BACKLOG);
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
        selector.select(dispatch);
    }
}
