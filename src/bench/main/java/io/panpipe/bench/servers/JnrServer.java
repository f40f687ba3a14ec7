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
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.jspecify.annotations.Nullable;

/** The server over jnr-unixsocket's channels and jnr-enxio's selector. */
public final class JnrServer extends SelectorServer {

    private final UnixServerSocketChannel server = UnixServerSocketChannel.open();
    private final Set<SelectionKey> selected = selector.selectedKeys();

    private JnrServer(ServerProcess process) throws IOException {
        super(process, NativeSelectorProvider.getInstance().openSelector());
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        new JnrServer(ServerProcess.of(args)).run();
    }

    @Override
    SelectableChannel listen() throws IOException {
        server.socket().bind(new UnixSocketAddress(process.path().toFile()), BACKLOG);
        return server;
    }

    @Override
    @Nullable SocketChannel accept() throws IOException {
        return server.accept();
    }

    @Override
    SocketChannel connectUpstream() throws IOException {
        return UnixSocketChannel.open(new UnixSocketAddress(process.requiredUpstream().toFile()));
    }

    @Override
    void turn(Consumer<SelectionKey> dispatch) throws IOException {
        selector.select();
        selected.forEach(dispatch);
        selected.clear();
    }
}
