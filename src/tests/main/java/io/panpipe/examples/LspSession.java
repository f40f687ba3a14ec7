/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.framing.Framing;
import io.panpipe.framing.FramingException;
import io.panpipe.framing.MessageReader;
import io.panpipe.framing.MessageWriter;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A conversation with a language server over a connected pipe (JSON-RPC 2.0). */
final class LspSession {

    private static final int METHOD_NOT_FOUND = -32601;

    /** A server that has much to say about a large file says it in one message. */
    private static final int LONGEST = 64 * 1024 * 1024;

    private final Pipe pipe;
    private final MessageWriter<Pipe> writer;
    private final Map<Object, CompletableFuture<@Nullable Object>> waiting = new HashMap<>();
    private final BiConsumer<String, @Nullable Object> notifications;
    private final CompletableFuture<IOException> gone = new CompletableFuture<>();
    private long lastId;

    /** Begins one; what the server tells unasked is given to a consumer, by its method and parameters. */
    LspSession(Pipe pipe, BiConsumer<String, @Nullable Object> notifications) throws PanpipeException {
        this.pipe = pipe;
        this.notifications = notifications;
        writer = new MessageWriter<>(pipe, Framing.contentLength());
        MessageReader.startText(pipe, Framing.contentLength(), LONGEST, this::read);
    }

    /** Completed when the server is gone, or says what nobody understands. */
    CompletableFuture<IOException> gone() {
        return gone;
    }

    /** Asks the server; the result may be null, and its refusal is an IOException. */
    CompletableFuture<@Nullable Object> request(String method, @Nullable Object parameters) {
        if (gone.isDone()) {
            return CompletableFuture.failedFuture(gone.join());
        }
        CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
        waiting.put(++lastId, result);
        send(Json.object("jsonrpc", "2.0", "id", lastId, "method", method, "params", parameters));
        return result;
    }

    /** Tells the server something that it does not answer. */
    void inform(String method, @Nullable Object parameters) {
        send(Json.object("jsonrpc", "2.0", "method", method, "params", parameters));
    }

    private void send(Object message) {
        // If the server is gone, the read tells.
        writer.write(Json.text(message), (same, failed) -> {});
    }

    private void read(Pipe same, @Nullable String message, @Nullable IOException end) {
        try {
            if (end instanceof FramingException nonsense && nonsense.kind() != FramingException.Kind.CUT_OFF) {
                throw nonsense;
            }
            if (message == null) {
                throw new IOException("the language server is gone", end);
            }
            take(Json.parse(message));
        } catch (IOException failure) {
            pipe.close();
            gone.complete(failure);
            waiting.values().forEach(request -> request.completeExceptionally(failure));
        }
    }

    private void take(@Nullable Object message) {
        Object id = Json.get(message, "id");
        if (Json.get(message, "method") instanceof String method) {
            if (id == null) {
                notifications.accept(method, Json.get(message, "params"));
            } else {
                Object refusal = Json.object("code", METHOD_NOT_FOUND, "message", method + " is not offered");
                send(Json.object("jsonrpc", "2.0", "id", id, "error", refusal));
            }
            return;
        }
        CompletableFuture<@Nullable Object> request = id == null ? null : waiting.remove(id);
        Object error = Json.get(message, "error");
        if (request != null && error != null) {
            request.completeExceptionally(new IOException(String.valueOf(Json.get(error, "message"))));
        } else if (request != null) {
            request.complete(Json.get(message, "result"));
        }
    }
}
