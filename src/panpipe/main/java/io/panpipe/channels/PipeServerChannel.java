/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.BindOption;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A server that is waited for: binds a name, and accepts connections one by one.
 *
 * <p>Threads, loops, interrupts, closing and futures are as with {@link PipeChannel}. Any number of threads may accept
 * at a time; each gets connections of its own. While none does, clients wait in the backlog.
 *
 * @since 0.1
 */
public final class PipeServerChannel extends LoopChannel {

    private final Accepting accepting;
    private final String localName;
    private final Set<AcceptOperation> blocked = ConcurrentHashMap.newKeySet();
    private volatile long acceptTimeout = Operation.FOREVER;

    private PipeServerChannel(Pipe pipe, Accepting accepting, String localName) {
        super(pipe);
        this.accepting = accepting;
        this.localName = localName;
    }

    /**
     * Binds a name and listens there, over the loop that all share; see {@link #bind(Loop, String, BindOption...)}.
     *
     * @param name the name, as {@link Pipe#portableName} makes it
     * @param options how to treat a name that is taken
     * @return the server
     * @throws PanpipeException EADDRINUSE if the name is taken, EACCES, ENAMETOOLONG, …
     * @throws ClosedByInterruptException if this thread is interrupted
     */
    public static PipeServerChannel bind(String name, BindOption... options) throws IOException {
        return bind(LoopThread.sharedLoop(), name, options);
    }

    /**
     * Binds a name and listens there. Only this user may connect until {@link #permissions} says otherwise.
     *
     * @param loop a loop that another thread runs
     * @param name the name; see {@link Pipe#bind}
     * @param options how to treat a name that is taken
     * @return the server
     * @throws PanpipeException EADDRINUSE if the name is taken, EACCES, ENAMETOOLONG, …
     * @throws ClosedByInterruptException if this thread is interrupted
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    public static PipeServerChannel bind(Loop loop, String name, BindOption... options) throws IOException {
        return bind(loop, name, Pipe.DEFAULT_BACKLOG, options);
    }

    /**
     * Binds a name and listens there, as {@link #bind(Loop, String, BindOption...)} does.
     *
     * @param loop a loop that another thread runs
     * @param name the name; see {@link Pipe#bind}
     * @param backlog how many clients may wait; see {@link Pipe#listen(io.panpipe.StreamCallback, int)}
     * @param options how to treat a name that is taken
     * @return the server
     * @throws PanpipeException EADDRINUSE if the name is taken, EACCES, ENAMETOOLONG, …
     * @throws ClosedByInterruptException if this thread is interrupted
     * @throws IllegalArgumentException if the backlog is less than 1
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    public static PipeServerChannel bind(Loop loop, String name, int backlog, BindOption... options)
            throws IOException {
        Objects.requireNonNull(name, "name");
        return LoopCall.make(loop, () -> open(loop, name, backlog, options));
    }

    /**
     * Binds a name and listens there, for a future. The loop may be one that nobody runs yet, or a simulated one.
     *
     * @param loop any loop that is not closed
     * @param name the name; see {@link Pipe#bind}
     * @param options how to treat a name that is taken
     * @return the server to come
     */
    public static CompletableFuture<PipeServerChannel> bindAsync(Loop loop, String name, BindOption... options) {
        return bindSoon(loop, name, Pipe.DEFAULT_BACKLOG, options);
    }

    static CompletableFuture<PipeServerChannel> bindSoon(
            Loop loop, String name, int backlog, BindOption... options) {
        Objects.requireNonNull(name, "name");
        return LoopCall.makeSoon(loop, () -> open(loop, name, backlog, options));
    }

    private static PipeServerChannel open(Loop loop, String name, int backlog, BindOption... options)
            throws PanpipeException {
        Pipe pipe = new Pipe(loop);
        try {
            pipe.bind(name, options);
            return of(pipe, backlog);
        } catch (Throwable refused) {
            pipe.close();
            throw refused;
        }
    }

    /**
     * Makes a server of a pipe that is bound and does not listen yet, and listens with a backlog of {@value
     * Pipe#DEFAULT_BACKLOG}. The pipe belongs to the server from now on and is closed with it.
     *
     * <p>To be called on the thread of the pipe's loop.
     *
     * @param pipe a pipe that is bound, or a listening socket that {@link Pipe#open} adopted
     * @return the server, for any thread
     * @throws PanpipeException if the system refuses
     * @throws IllegalStateException if the pipe is not bound, or is a connection
     */
    public static PipeServerChannel of(Pipe pipe) throws PanpipeException {
        return of(pipe, Pipe.DEFAULT_BACKLOG);
    }

    /**
     * Makes a server of a pipe that is bound and does not listen yet, as {@link #of(Pipe)} does.
     *
     * @param pipe a pipe that is bound, or a listening socket that {@link Pipe#open} adopted
     * @param backlog how many clients may wait; see {@link Pipe#listen(io.panpipe.StreamCallback, int)}
     * @return the server, for any thread
     * @throws PanpipeException if the system refuses
     * @throws IllegalArgumentException if the backlog is less than 1
     * @throws IllegalStateException if the pipe is not bound, or is a connection
     */
    public static PipeServerChannel of(Pipe pipe, int backlog) throws PanpipeException {
        Accepting accepting = new Accepting(pipe);
        String localName = pipe.localName();
        accepting.start(backlog);
        PipeServerChannel server = new PipeServerChannel(pipe, accepting, localName);
        server.own();
        return server;
    }

    /**
     * Accepts a connection, and waits until there is one.
     *
     * @return the connection
     * @throws java.net.SocketTimeoutException if none has come within the {@linkplain #acceptTimeout accept timeout}
     * @throws PanpipeException EMFILE or ENFILE when there are no descriptors left; the client waits in the backlog
     * @throws ClosedChannelException if this server is closed
     * @throws AsynchronousCloseException if another thread closes this server
     * @throws ClosedByInterruptException if this thread is interrupted, which closes this server
     */
    public PipeChannel accept() throws IOException {
        requireWait();
        AcceptOperation operation = new AcceptOperation(accepting);
        blocked.add(operation);
        PipeChannel accepted = null;
        try {
            beginWait();
            accepted = waitFor(operation);
            return accepted;
        } finally {
            blocked.remove(operation);
            endAccept(accepted);
        }
    }

    /** Ends the wait; where an interrupt came with the client, nobody else gets to know that there is one. */
    private void endAccept(@Nullable PipeChannel accepted) throws IOException {
        try {
            endWait(accepted != null);
        } catch (AsynchronousCloseException interrupted) {
            if (accepted != null) {
                accepted.close();
            }
            throw interrupted;
        }
    }

    private PipeChannel waitFor(AcceptOperation operation) throws IOException {
        long timeout = acceptTimeout;
        long deadline = System.nanoTime() + timeout;
        operation.beginWait();
        try {
            loop().execute(operation);
        } catch (RejectedExecutionException closed) {
            throw new AsynchronousCloseException();
        }
        switch (operation.await(deadline, timeout, this)) {
            case DONE -> operation.throwFailure();
            case TIMED_OUT -> throw Operation.timeout("accept", timeout, 0);
            case INTERRUPTED, CLOSED -> throw new AsynchronousCloseException();
        }
        return operation.result();
    }

    /**
     * Accepts a connection, for a future; see {@link #accept}. Several may be asked for, and are served in this order.
     *
     * @return the connection to come; cancelled, it leaves the client for the next one
     */
    public CompletableFuture<PipeChannel> acceptAsync() {
        if (isOpen()) {
            AcceptOperation operation = new AcceptOperation(accepting);
            CompletableFuture<PipeChannel> promise = operation.beginFuture(loop());
            try {
                loop().execute(operation);
                return promise;
            } catch (RejectedExecutionException closed) {
                operation.withdraw();
            }
        }
        return CompletableFuture.failedFuture(new ClosedChannelException());
    }

    /**
     * Sets how long an {@link #accept} may wait.
     *
     * @param timeout how long; zero, as at first, for any time
     */
    public void acceptTimeout(Duration timeout) {
        acceptTimeout = nanos(timeout);
    }

    /**
     * Sets who may connect from now on; at first only this user may. See {@link Pipe#permissions}.
     *
     * @param permissions the permissions of the socket file, whatever the umask
     * @throws PanpipeException EINVAL if the name has none; ENOENT if the path leads elsewhere by now
     * @throws ClosedChannelException if this server is closed
     * @throws ClosedByInterruptException if this thread is interrupted, which closes this server
     * @since 0.1
     */
    public void permissions(Set<PosixFilePermission> permissions) throws IOException {
        Set<PosixFilePermission> copy = Set.copyOf(permissions);
        ask(() -> {
            pipe().permissions(copy);
            return null;
        });
    }

    /**
     * Returns the name this server is bound to.
     *
     * @return the name, also one that the system has picked
     */
    public String localName() {
        return localName;
    }

    @Override
    void wake() {
        blocked.forEach(Operation::nudge);
    }

    @Override
    void runFailed() {
        blocked.forEach(Operation::runFailed);
    }

    @Override
    void released() {
        accepting.end();
    }
}
