/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** A daemon that serves HTTP on a Unix domain socket, as Docker's does: Node's server. */
final class HttpDaemon implements AutoCloseable {

    /** The length of {@code /large}. */
    static final int LARGE = 30 * 1024 * 1024;

    private static final String SERVER = """
            const large = Buffer.alloc(Number(process.argv[2]));
            for (let i = 0; i < large.length; i++) large[i] = i % 251;
            let connections = 0;
            const server = require('http').createServer((request, response) => {
              response.setHeader('Connections', connections);
              switch (request.url) {
                case '/hello': return response.end('hello');
                case '/large': return response.end(large);
                case '/echo': {
                  // At its end, since no client reads before it has sent all.
                  const body = [];
                  request.on('data', piece => body.push(piece));
                  return request.on('end', () => response.end(Buffer.concat(body)));
                }
                case '/stops': return response.write('begun');
                case '/never': return;
                default:
                  if (request.url.startsWith('/told/')) return console.log('asked ' + request.url);
                  response.statusCode = 404; response.end();
              }
            });
            server.on('connection', () => { connections++; });
            server.keepAliveTimeout = 0;
            server.listen(process.argv[1], 500, () => console.log('ready'));
            """;

    private final Path socket;
    private final PeerProcess process;

    /** Starts one; skips the test where Node is missing. */
    HttpDaemon(Path directory) throws IOException {
        socket = directory.resolve("http");
        process = new PeerProcess(UnaryOperator.identity(), List.of(Programs.required("node"), "-e", SERVER,
                socket.toString(), Integer.toString(LARGE)));
        process.await("ready");
    }

    Path socket() {
        return socket;
    }

    /** Returns a byte of {@code /large}. */
    static byte largeAt(int index) {
        return (byte) (index % 251);
    }

    /** Waits until somebody has asked for a path that begins with {@code /told/}, who gets no answer either. */
    void awaitAsked(String path) {
        process.await("asked " + path);
    }

    @Override
    public void close() {
        process.close();
    }
}
