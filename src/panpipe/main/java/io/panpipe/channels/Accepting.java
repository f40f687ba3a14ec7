/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of a server: gives each client to who has waited longest, and lets clients wait in the backlog as
 * long as nobody does.
 */
final class Accepting {

    private final Pipe server;
    private final ArrayDeque<AcceptOperation> waiting = new ArrayDeque<>();

    /** The loop has announced a client, and announces no further one before this one is accepted. */
    private boolean announced;
    private @Nullable PanpipeException lost;

    Accepting(Pipe server) {
        this.server = server;
    }

    void start(int backlog) throws PanpipeException {
        server.listen((same, error) -> arrived(error), backlog);
    }

    void add(AcceptOperation operation) {
        if (server.closed()) {
            operation.fail(new AsynchronousCloseException());
            return;
        }
        try {
            waiting.add(operation);
        } catch (Throwable failed) {
            operation.fail(failed);
            return;
        }
        if (lost != null) {
            failAll(lost);
        } else if (announced) {
            serve();
        }
    }

    /** Drops what was withdrawn, on whatever thread: no client may come for a long time. */
    void forgetSoon(AcceptOperation withdrawn) {
        try {
            server.loop().execute(() -> waiting.remove(withdrawn));
        } catch (RejectedExecutionException closed) {
            // The loop is closed, and nothing is kept for anyone.
        }
    }

    private void arrived(@Nullable PanpipeException error) {
        if (error == null) {
            announced = true;
            serve();
            return;
        }
        if (error.code() == ErrorCode.EBADF) {
            // Somebody has closed the descriptor: no client is ever announced again.
            lost = error;
            failAll(error);
            return;
        }
        // Told once: the clients wait, and are announced when there are descriptors again.
        AcceptOperation next = takeNext();
        if (next != null) {
            next.finish(error);
        }
    }

    /** Gives the announced client to who waits for it. */
    private void serve() {
        AcceptOperation next = takeNext();
        if (next == null) {
            return;
        }
        Pipe connection = null;
        try {
            connection = new Pipe(server.loop());
            server.accept(connection);
            // What fails before this leaves the client to the next one who accepts.
            announced = false;
            next.accepted(PipeChannel.of(connection));
        } catch (Throwable refused) {
            // A loop that is being closed takes no new handles.
            if (connection != null) {
                connection.close();
            }
            next.finish(refused);
            if (announced && !server.closed()) {
                // The client waits yet, and is not announced again.
                serve();
            }
            return;
        }
        next.finish(null);
    }

    /** Returns who has waited longest and waits yet, and has that operation from now on. */
    private @Nullable AcceptOperation takeNext() {
        for (AcceptOperation next = waiting.poll(); next != null; next = waiting.poll()) {
            if (next.take()) {
                return next;
            }
        }
        return null;
    }

    /** Tells everyone who waits that the server is closed. */
    void end() {
        failAll(new AsynchronousCloseException());
    }

    private void failAll(Throwable why) {
        for (AcceptOperation next = takeNext(); next != null; next = takeNext()) {
            next.finish(why);
        }
    }
}
