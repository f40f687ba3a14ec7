/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import io.panpipe.Loop;
import io.panpipe.channels.PipeServerChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * A server as one uses it at the prompt: of lines, each connection on a virtual thread.
 *
 * @since 0.1
 */
public final class LineServer implements AutoCloseable {

    /** How long to let be after a client could not be accepted. */
    private static final Duration RECOVERY = Duration.ofMillis(100);

    private final String name;
    private final PipeServerChannel channel;
    private final Set<LinePipe> connections = ConcurrentHashMap.newKeySet();

    private LineServer(String name, PipeServerChannel channel) {
        this.name = name;
        this.channel = channel;
    }

    static LineServer bind(Loop loop, String name) {
        return new LineServer(name, Prompt.io(() -> PipeServerChannel.bind(loop, LinePipe.systemName(name))));
    }

    void answer(BiConsumer<LinePipe, String> conversation) {
        Thread.ofVirtual().name("panpipe-serve " + name).start(() -> {
            while (channel.isOpen()) {
                LinePipe connection;
                try {
                    connection = accept();
                } catch (UncheckedIOException failed) {
                    if (failed.getCause() instanceof ClosedChannelException) {
                        return;
                    }
                    // EMFILE, for instance: the client waits in the backlog, and the next accept waits with it.
                    tell(failed);
                    Prompt.pause(RECOVERY);
                    continue;
                }
                Thread.ofVirtual().name("panpipe-serve " + name).start(() -> converse(connection, conversation));
            }
        });
    }

    private void converse(LinePipe connection, BiConsumer<LinePipe, String> conversation) {
        try (connection) {
            try {
                connection.lines().forEach(line -> conversation.accept(connection, line));
            } catch (UncheckedIOException failed) {
                // Closing the server or the connection ends a conversation, and so may the peer.
                if (!connection.isEnd(failed)) {
                    throw failed;
                }
            }
        }
    }

    /** Has a failure printed as one that ends this thread is. */
    private static void tell(Throwable failure) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }

    /**
     * Waits for a client.
     *
     * @return the connection to it
     */
    public LinePipe accept() {
        LinePipe connection = new LinePipe(name, Prompt.io(channel::accept), connections::remove);
        connections.add(connection);
        if (!channel.isOpen()) {
            // Closed meanwhile, with those connections that were there.
            connection.close();
        }
        return connection;
    }

    /**
     * Returns what a client of another kind has to connect to.
     *
     * @return the name as the system knows it
     */
    public String address() {
        return channel.localName();
    }

    /** Closes the server and its connections. Idempotent. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        }
        connections.forEach(LinePipe::close);
    }

    @Override
    public String toString() {
        if (!channel.isOpen()) {
            return "LineServer " + name + ", closed";
        }
        long open = connections.stream().filter(connection -> connection.channel().isOpen()).count();
        return "LineServer " + name + ", " + open + " connections";
    }
}
