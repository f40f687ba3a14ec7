/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/** One byte to and fro over the JDK's own channels. */
public final class NioEcho {

    private NioEcho() {}

    /**
     * Echoes one byte and ends.
     *
     * @param args the path to listen at
     * @throws IOException whatever goes wrong
     */
    public static void main(String[] args) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(args[0]);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        SelectorEcho.run(Selector.open(), server, server::accept, SocketChannel.open(address));
        Files.delete(address.getPath());
    }
}
