/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The server over a {@link Selector}, whoever made that: one thread, one read buffer for all connections, buffers for
 * what could not be sent from a free list, nothing allocated for a message.
 */
abstract class SelectorServer {

    static final int BACKLOG = 511;

    final ServerProcess process;
    final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocateDirect(ServerProcess.READ_SIZE);
    private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>();
    private final Consumer<SelectionKey> dispatch = this::dispatch;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    SelectorServer(ServerProcess process, Selector selector) {
        this.process = process;
        this.selector = selector;
    }

    /** Opens the socket that clients connect to. */
    abstract SelectableChannel listen() throws IOException;

    /** Takes the next client, or null if none waits. */
    abstract @Nullable SocketChannel accept() throws IOException;

    /** Connects to another server. */
    abstract SocketChannel connectUpstream() throws IOException;

    /** Waits, and hands over each key that is ready. */
    abstract void turn(Consumer<SelectionKey> dispatch) throws IOException;

    /** Makes what serves one connection. */
    void connected(SocketChannel channel) throws IOException {
        switch (process.work()) {
            case "echo" -> new SelectorEcho(this, channel);
            case "sink" -> new SelectorSink(this, channel);
            case "source" -> new SelectorSource(this, channel);
            case "writes" -> new SelectorWrites(this, channel);
            case "writes-copy" -> new SelectorWritesCopied(this, channel);
            case "proxy" -> SelectorProxy.connect(this, channel);
            default -> throw new IllegalArgumentException(process.work());
        }
    }

    /** Tells whether this library can do the work. */
    boolean supports(String work) {
        return switch (work) {
            case "echo", "sink", "source", "writes", "writes-copy", "proxy" -> true;
            default -> false;
        };
    }

    final void run() throws IOException {
        if (!supports(process.work())) {
            throw process.unsupported();
        }
        SelectableChannel server = listen();
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        ready();
        serve();
    }

    /** Says where clients may come. */
    void ready() throws IOException {
        process.ready();
    }

    /** Serves what is registered, without end. */
    final void serve() throws IOException {
        while (true) {
            turn(dispatch);
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    /** Has the thread that serves run a task; from any thread. */
    final void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    private void dispatch(SelectionKey key) {
        if (key.attachment() instanceof SelectorConnection connection) {
            try {
                connection.ready();
            } catch (IOException gone) {
                connection.close();
            }
        } else {
            acceptAll();
        }
    }

    private void acceptAll() {
        try {
            for (SocketChannel client = accept(); client != null; client = accept()) {
                connected(client);
            }
        } catch (IOException refused) {
            System.err.println("accept: " + refused);
        }
    }

    /** The buffer that all read into, empty. */
    final ByteBuffer input() {
        return input.clear();
    }

    /** Lends an empty buffer of the size of a read. */
    final ByteBuffer borrow() {
        ByteBuffer buffer = spare.poll();
        return buffer == null ? ByteBuffer.allocateDirect(ServerProcess.READ_SIZE) : buffer.clear();
    }

    final void giveBack(ByteBuffer buffer) {
        spare.push(buffer);
    }
}
