/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.StreamHandle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A child of a Node.js program: answers its messages, and serves the sockets that it passes on. In node:
 * {@code spawn('java', [..., 'io.panpipe.examples.NodeChild'], {stdio: ['inherit', 'inherit', 'inherit', 'ipc']})}
 */
public final class NodeChild implements NodeReceiver {

    private final NodeChannel channel;
    private int served;
    private @Nullable IOException failure;

    private NodeChild(Loop loop, long descriptor) throws PanpipeException {
        channel = new NodeChannel(loop, descriptor, this);
    }

    public static void main(String... args) throws IOException {
        String descriptor = System.getenv("NODE_CHANNEL_FD");
        if (descriptor == null || "advanced".equals(System.getenv("NODE_CHANNEL_SERIALIZATION_MODE"))) {
            System.err.println("started without a channel of JSON: see child_process.spawn");
            System.exit(2);
        }
        try (Loop loop = new Loop()) {
            NodeChild child = new NodeChild(loop, Long.parseLong(descriptor));
            child.channel.send(Map.of("ready", ProcessHandle.current().pid()));
            // Until the parent has disconnected and the last socket is closed.
            loop.run();
            if (child.failure != null) {
                System.err.println(child.failure.getMessage());
                System.exit(1);
            }
        }
    }

    @Override
    public void message(@Nullable Object message, @Nullable StreamHandle<?> socket) throws PanpipeException {
        if (socket != null) {
            serve(socket, message);
        } else {
            channel.send(Map.of("got", message == null ? "nothing" : message, "served", served));
        }
    }

    private <S extends StreamHandle<S>> void serve(StreamHandle<S> socket, @Nullable Object message)
            throws PanpipeException {
        served++;
        socket.write(("java " + Json.text(message) + "\n").getBytes(StandardCharsets.UTF_8));
        // An echo, as long as the client likes.
        socket.pipeTo(socket, (done, failed) -> channel.release(done));
    }

    @Override
    public void disconnected(@Nullable IOException error) {
        failure = error;
    }
}
