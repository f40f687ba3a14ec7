/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Handle;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which of the sockets that a server of node's has accepted and passed on are still open here. Node asks that: the
 * server's {@code close} waits for all of them, wherever they are.
 */
final class NodeSockets {

    private final Consumer<Object> channel;

    /** By the key that node gives each server. */
    private final Map<Object, Set<Handle>> open = new HashMap<>();

    private final Set<Object> closing = new HashSet<>();

    /** Makes one that answers over a channel. */
    NodeSockets(Consumer<Object> channel) {
        this.channel = channel;
    }

    /** Takes the socket that waits in a pipe, or returns null if none does; what is no socket is closed. */
    static @Nullable StreamHandle<?> accept(Pipe from) throws PanpipeException {
        switch (from.pendingType()) {
            case TCP -> {
                Tcp tcp = new Tcp(from.loop());
                from.accept(tcp);
                return tcp;
            }
            case PIPE -> {
                Pipe pipe = new Pipe(from.loop());
                from.accept(pipe);
                return pipe;
            }
            case UDP, DESCRIPTOR -> {
                RawDescriptor unwanted = new RawDescriptor(from.loop());
                from.accept(unwanted);
                unwanted.close();
            }
            case NONE -> { }
        }
        return null;
    }

    /** A socket has come; the key is null if no server had accepted it. */
    void received(@Nullable Object key, Handle socket) {
        if (key != null) {
            open.computeIfAbsent(key, unknown -> new HashSet<>()).add(socket);
        }
    }

    /** A socket was closed. */
    void released(Handle socket) {
        open.values().forEach(sockets -> sockets.remove(socket));
        open.values().removeIf(Set::isEmpty);
        Set.copyOf(closing).forEach(this::answerWhenEmpty);
    }

    /** Node asks how many there are. */
    void count(Object key) {
        int count = open.getOrDefault(key, Set.of()).size();
        channel.accept(Map.of("cmd", "NODE_SOCKET_COUNT", "key", key, "count", count));
    }

    /** Node wants to be told when there are none. */
    void closing(Object key) {
        closing.add(key);
        answerWhenEmpty(key);
    }

    private void answerWhenEmpty(Object key) {
        if (!open.containsKey(key)) {
            closing.remove(key);
            channel.accept(Map.of("cmd", "NODE_SOCKET_ALL_CLOSED", "key", key));
        }
    }
}
