/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A connect that becomes a channel; withdrawn, its pipe is closed. */
final class ConnectOperation extends Operation<PipeChannel> implements Runnable {

    /** Long enough for ever, and short enough to be added to the time. */
    private static final Duration PATIENT = Duration.ofDays(36_500);

    private final Loop loop;
    private final String name;
    private final Duration timeout;
    private @Nullable Pipe pipe;
    private @Nullable PipeChannel channel;

    /**
     * Makes one that has yet to be handed to the loop.
     *
     * @param timeout how long to wait for a server that is busy, or null for ever
     * @throws IllegalArgumentException if it is negative or longer than 292 years
     */
    ConnectOperation(Loop loop, String name, @Nullable Duration timeout) {
        this.loop = loop;
        this.name = Objects.requireNonNull(name, "name");
        this.timeout = timeout == null ? PATIENT : timeout;
        LoopChannel.nanos(this.timeout);
    }

    /** Connects, and waits for it. */
    static PipeChannel connect(Loop loop, String name, @Nullable Duration timeout) throws IOException {
        ConnectOperation operation = new ConnectOperation(loop, name, timeout);
        Loop.Registration waits = loop.onRunFailure(operation::runFailed);
        try {
            operation.beginWait();
            loop.requireRunningElsewhere();
            LoopCall.execute(loop, operation);
            if (operation.await(0, FOREVER, null) != Outcome.DONE) {
                throw new ClosedByInterruptException();
            }
        } finally {
            waits.close();
        }
        operation.throwFailure();
        return operation.result();
    }

    /** Connects soon. */
    static CompletableFuture<PipeChannel> connectSoon(Loop loop, String name, @Nullable Duration timeout) {
        ConnectOperation operation = new ConnectOperation(loop, name, timeout);
        CompletableFuture<PipeChannel> promise = operation.beginFuture(loop);
        LoopCall.execute(loop, operation);
        return promise;
    }

    @Override
    public void run() {
        if (!take()) {
            return;
        }
        try {
            Pipe connecting = new Pipe(loop);
            pipe = connecting;
            connecting.connect(name, timeout, (same, error) -> connected(connecting, error));
        } catch (Throwable refused) {
            giveUp();
            finish(refused);
            return;
        }
        putBack();
    }

    private void giveUp() {
        if (pipe != null) {
            pipe.close();
        }
    }

    private void connected(Pipe connecting, @Nullable PanpipeException error) {
        if (!take()) {
            connecting.close();
            return;
        }
        if (error != null) {
            boolean closed = connecting.closed();
            connecting.close();
            finish(closed ? new AsynchronousCloseException() : error);
            return;
        }
        try {
            channel = PipeChannel.of(connecting);
        } catch (Throwable refused) {
            connecting.close();
            finish(refused);
            return;
        }
        finish(null);
    }

    @Override
    void withdrawn() {
        try {
            loop.execute(this::giveUp);
        } catch (RejectedExecutionException closed) {
            // The loop is closed, and the pipe with it.
        }
    }

    @Override
    PipeChannel result() {
        return Objects.requireNonNull(channel, "channel");
    }
}
