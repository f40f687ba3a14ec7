/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** One byte to and fro over junixsocket. */
public final class JunixsocketEcho {

    private JunixsocketEcho() {}

    /**
     * Echoes one byte and ends.
     *
     * @param args the path to listen at
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        File file = new File(args[0]);
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(file);
        AFUNIXSelectorProvider provider = AFUNIXSelectorProvider.provider();
        AFUNIXServerSocketChannel server = provider.openServerSocketChannel(address);
        SelectorEcho.run(provider.openSelector(), server, server::accept, provider.openSocketChannel(address));
        server.close();
        Files.deleteIfExists(file.toPath());
    }
}
