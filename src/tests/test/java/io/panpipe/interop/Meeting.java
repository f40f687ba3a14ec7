/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.ThrowingConsumer;

/**
 * Where one test meets its peer: a loop in the test's own thread, a socket in a directory of its own, and the check
 * that nothing of both is left afterwards.
 */
final class Meeting implements AutoCloseable {

    private final ShortDirectory directory;
    private final LeakCheck leaks;
    private final Loop loop;
    private final Timer deadline;
    private final List<Throwable> thrown = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();

    Meeting() throws IOException {
        directory = new ShortDirectory();
        leaks = new LeakCheck(directory.path());
        loop = new Loop();
        loop.uncaughtExceptionHandler((where, what) -> {
            thrown.add(what);
            where.stop();
        });
        deadline = new Timer(loop);
        deadline.start(late -> fail("the loop did not come to its end; still there: " + loop.handles()),
                Deadline.GENEROUS);
        deadline.unref();
    }

    Loop loop() {
        return loop;
    }

    Path socket() {
        return directory.path().resolve("s");
    }

    /** Has a peer closed after the test. */
    Peer with(Peer peer) {
        peers.add(peer);
        return peer;
    }

    /** Listens; each connection is accepted. */
    Pipe listen(int backlog, ThrowingConsumer<Pipe> accepted) throws PanpipeException {
        Pipe server = new Pipe(loop);
        server.bind(socket().toString());
        leaks.track(server);
        server.listen((from, error) -> {
            rethrow(error);
            Pipe connection = new Pipe(loop);
            from.accept(connection);
            leaks.track(connection);
            call(accepted, connection);
        }, backlog);
        return server;
    }

    /** Connects, patiently where the backlog is full. */
    void connect(ThrowingConsumer<Pipe> connected) {
        new Pipe(loop).connect(socket().toString(), Deadline.GENEROUS, (connection, error) -> {
            rethrow(error);
            leaks.track(connection);
            call(connected, connection);
        });
    }

    private static void rethrow(PanpipeException error) throws PanpipeException {
        if (error != null) {
            throw error;
        }
    }

    private static void call(ThrowingConsumer<Pipe> consumer, Pipe pipe) {
        try {
            consumer.accept(pipe);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable checked) {
            throw new IllegalStateException(checked);
        }
    }

    /** Runs the loop until nothing keeps it alive; fails where a callback has failed, or the deadline passes. */
    void run() {
        boolean alive = loop.run();
        for (Throwable failure : thrown) {
            throw new AssertionError("in a callback: " + failure, failure);
        }
        assertEquals(false, alive, "the loop ended early");
        assertEquals(List.<Handle>of(deadline), loop.handles(), "handles that are left");
    }

    @Override
    public void close() throws IOException {
        try {
            loop.close();
            peers.forEach(Peer::close);
            leaks.check();
        } finally {
            directory.close();
        }
    }
}
