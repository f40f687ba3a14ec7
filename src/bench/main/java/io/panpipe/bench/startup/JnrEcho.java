/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/** One byte to and fro over jnr-unixsocket. */
public final class JnrEcho {

    private JnrEcho() {}

    /**
     * Echoes one byte and ends.
     *
     * @param args the path to listen at
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        File file = new File(args[0]);
        UnixSocketAddress address = new UnixSocketAddress(file);
        UnixServerSocketChannel server = UnixServerSocketChannel.open();
        server.socket().bind(address);
        SelectorEcho.run(NativeSelectorProvider.getInstance().openSelector(), server, server::accept,
                UnixSocketChannel.open(address));
        Files.delete(file.toPath());
    }
}
