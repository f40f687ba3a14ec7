/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a daemon that serves HTTP on a Unix socket: {@code UnixHttp /run/docker.sock /version} does what
 * {@code curl --unix-socket /run/docker.sock --fail http://localhost/version} does.
 */
public final class UnixHttp {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Pipe pipe;
    private final HttpResponse response;
    private final CompletableFuture<HttpResponse> result = new CompletableFuture<>();

    private UnixHttp(Loop loop, String method) {
        pipe = new Pipe(loop);
        response = new HttpResponse(method.equals("HEAD"));
    }

    public static void main(String... args) throws IOException {
        try (Loop loop = new Loop()) {
            CompletableFuture<HttpResponse> asked = request(loop, args[0], "GET", args[1], PATIENCE);
            loop.run();
            HttpResponse answer = asked.join();
            System.out.write(answer.body());
            System.out.flush();
            if (answer.head().status() >= 400) {
                System.err.println("the answer is " + answer.head().status());
                System.exit(22);
            }
        } catch (CompletionException failure) {
            System.err.println(failure.getCause().getMessage());
            System.exit(1);
        }
    }

    /**
     * Sends a request without a body, on a connection of its own.
     *
     * @param server the name of the daemon's pipe
     * @param target a path, with its query
     * @param patience how long to wait for each piece of the answer
     */
    static CompletableFuture<HttpResponse> request(
            Loop loop, String server, String method, String target, Duration patience) {
        UnixHttp http = new UnixHttp(loop, method);
        String head = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        http.pipe.connect(server, patience, (same, error) -> {
            if (error != null) {
                http.end(error);
                return;
            }
            // A write that fails is told by the read as well, behind an answer that came before.
            same.write(head.getBytes(StandardCharsets.US_ASCII), (pipe, failed) -> {});
            same.startRead(http::read);
            same.idleTimeout(patience, idle -> http.end(new IOException("no answer within " + patience)));
        });
        return http.result;
    }

    private void read(Pipe same, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        try {
            if (error != null && error.code() != ErrorCode.EOF) {
                end(error);
            } else if (response.take(data)) {
                end(null);
            }
        } catch (IOException malformed) {
            end(malformed);
        }
    }

    private void end(@Nullable IOException failure) {
        pipe.close();
        if (failure == null) {
            result.complete(response);
        } else {
            result.completeExceptionally(failure);
        }
    }
}
