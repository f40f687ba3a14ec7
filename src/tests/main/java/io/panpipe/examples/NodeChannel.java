/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The channel of a child that node started with {@code stdio: [..., 'ipc']} (its lib/internal/child_process.js). */
final class NodeChannel {

    private final Pipe pipe;
    private final NodeReceiver receiver;
    private final JsonLines lines = new JsonLines();
    private final NodeSockets sockets = new NodeSockets(this::send);

    /** Takes the descriptor that node names in NODE_CHANNEL_FD. */
    NodeChannel(Loop loop, long descriptor, NodeReceiver receiver) throws PanpipeException {
        this.receiver = receiver;
        pipe = new Pipe(loop, true);
        pipe.open(descriptor);
        pipe.startRead2(this::read);
    }

    /** Sends a message; if the parent is gone, {@code disconnected} tells. */
    void send(@Nullable Object message) {
        pipe.write(JsonLines.line(message), (same, failed) -> {});
    }

    /** Closes a socket, and has its server know. */
    void release(StreamHandle<?> socket) {
        socket.close(sockets::released);
    }

    void close() {
        pipe.close();
    }

    private void read(Pipe same, @Nullable ByteBuffer data, PendingType pending, @Nullable PanpipeException end)
            throws Exception {
        if (data == null) {
            close();
            receiver.disconnected(null);
            return;
        }
        Iterable<@Nullable Object> messages;
        try {
            messages = lines.take(data);
        } catch (IOException malformed) {
            close();
            receiver.disconnected(malformed);
            return;
        }
        for (Object message : messages) {
            if (!pipe.closed()) {
                take(message);
            }
        }
    }

    /** Messages whose {@code cmd} begins with NODE_ are node's own. */
    private void take(@Nullable Object message) throws Exception {
        Object key = Objects.requireNonNullElse(Json.get(message, "key"), "");
        switch (String.valueOf(Json.get(message, "cmd"))) {
            case "NODE_HANDLE" -> takeHandle(message);
            case "NODE_SOCKET_GET_COUNT" -> sockets.count(key);
            case "NODE_SOCKET_NOTIFY_CLOSE" -> sockets.closing(key);
            default -> receiver.message(message, null);
        }
    }

    /** Node sends its next handle when told that this one has come, and this one again when told that it was lost. */
    private void takeHandle(@Nullable Object message) throws Exception {
        StreamHandle<?> socket = NodeSockets.accept(pipe);
        send(Map.of("cmd", socket == null ? "NODE_HANDLE_NACK" : "NODE_HANDLE_ACK"));
        if (socket != null) {
            sockets.received(Json.get(message, "key"), socket);
            receiver.message(Json.get(message, "msg"), socket);
        }
    }
}
