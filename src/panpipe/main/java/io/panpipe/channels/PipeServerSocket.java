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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A server of a pipe as a {@code java.net.ServerSocket}, whose {@link #accept} returns {@link PipeSocket}s. It is a
 * {@link PipeServerChannel} in other clothes, over a Unix domain socket or a named pipe of Windows.
 *
 * <p>Everything is as {@link ServerSocket} documents, but for what {@link PipeSocket} says of interrupts, addresses and
 * options. Only this user may connect until {@link PipeServerChannel#permissions} of its {@link #pipeChannel} says
 * otherwise.
 *
 * @since 0.1
 */
public final class PipeServerSocket extends ServerSocket {

    private static final Set<SocketOption<?>> OPTIONS =
            Set.of(StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.SO_REUSEADDR);

    /** A server, and its name, which it keeps when it is closed. */
    private record Bound(PipeServerChannel channel, PipeAddress address) {}

    /** No monitor: a virtual thread that waits for one would pin its carrier (before JDK 24). */
    private final ReentrantLock lock = new ReentrantLock();

    private final @Nullable Loop loop;
    private final BindOption[] bindOptions;
    private final SocketSettings settings = new SocketSettings();
    private volatile @Nullable Bound bound;
    private volatile boolean closed;
    private @Nullable CompletableFuture<PipeServerChannel> binding;

    /**
     * Makes a server that is not bound, over the loop that all share, see {@link LoopThread#sharedLoop}. {@link #bind}
     * is to be given a {@link PipeAddress} or a {@link java.net.UnixDomainSocketAddress}.
     *
     * @param options how {@link #bind} treats a name that is taken
     */
    public PipeServerSocket(BindOption... options) {
        this(options.clone(), null);
    }

    /**
     * Makes a server that is not bound, as {@link #PipeServerSocket(BindOption...)} does.
     *
     * @param loop a loop that another thread runs
     * @param options how {@link #bind} treats a name that is taken
     */
    public PipeServerSocket(Loop loop, BindOption... options) {
        this(options.clone(), Objects.requireNonNull(loop, "loop"));
    }

    /**
     * Binds a name and listens there, over the loop that all share.
     *
     * @param name the name, as {@link PipeServerChannel#bind(String, BindOption...)} takes it
     * @param options how to treat a name that is taken
     * @throws java.net.BindException if the name is taken
     * @throws IOException if the system refuses otherwise; the cause is a {@link PanpipeException}
     */
    public PipeServerSocket(String name, BindOption... options) throws IOException {
        this(options.clone(), null);
        bind(PipeAddress.of(name));
    }

    private PipeServerSocket(BindOption[] options, @Nullable Loop loop) {
        super(new NoSocketImpl());
        this.loop = loop;
        bindOptions = options;
    }

    /**
     * Makes a server socket of a channel, which belongs to it from now on and is closed with it. An interrupt of a
     * platform thread closes the channel no more.
     *
     * @param channel a server that is open
     * @return the server socket, which is bound
     * @throws SocketException if the channel is closed
     */
    public static PipeServerSocket of(PipeServerChannel channel) throws SocketException {
        PipeServerSocket socket = new PipeServerSocket(new BindOption[0], channel.loop());
        if (!channel.isOpen()) {
            throw new SocketException("Socket is closed");
        }
        socket.join(channel);
        return socket;
    }

    private void join(PipeServerChannel channel) {
        channel.sparePlatformThreads();
        channel.acceptTimeout(Duration.ofMillis(settings.timeout()));
        bound = new Bound(channel, PipeAddress.of(channel.localName()));
    }

    private void requireOpen() throws SocketException {
        if (isClosed()) {
            throw new SocketException("Socket is closed");
        }
    }

    /**
     * Binds a name and listens there, see {@link #bind(SocketAddress, int)}.
     *
     * @param endpoint the address
     */
    @Override
    public void bind(@Nullable SocketAddress endpoint) throws IOException {
        bind(endpoint, 0);
    }

    /**
     * Binds a name and listens there.
     *
     * @param endpoint a {@link PipeAddress} or a {@link java.net.UnixDomainSocketAddress}; null for a name that is
     *     picked, which {@link #getLocalSocketAddress} tells
     * @param backlog how many clients may wait; 0 or less for {@value Pipe#DEFAULT_BACKLOG}
     * @throws java.net.BindException if the name is taken
     * @throws SocketException if this server is bound or closed, another thread closes it, this one is virtual and is
     *     interrupted, or the system refuses; the cause of the last is a {@link PanpipeException}
     * @throws IllegalArgumentException if the address is of an unsupported kind
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    @Override
    public void bind(@Nullable SocketAddress endpoint, int backlog) throws IOException {
        requireUnbound();
        String name = endpoint == null ? "" : SocketDestination.ADDRESSED.nameFor(endpoint);
        CompletableFuture<PipeServerChannel> asked = beginBind(name, backlog < 1 ? Pipe.DEFAULT_BACKLOG : backlog);
        boolean completed = false;
        try {
            PipeServerChannel channel = SocketFaults.await(asked);
            endBind(channel);
            completed = true;
        } catch (IOException failed) {
            throw SocketFaults.ofBind(failed);
        } finally {
            if (!completed) {
                giveUp(asked);
            }
        }
    }

    private void requireUnbound() throws SocketException {
        requireOpen();
        if (isBound()) {
            throw new SocketException("Already bound");
        }
    }

    private CompletableFuture<PipeServerChannel> beginBind(String name, int backlog) throws IOException {
        Loop through = loop == null ? LoopThread.sharedLoop() : loop;
        through.requireRunningElsewhere();
        lock.lock();
        try {
            requireUnbound();
            if (binding != null) {
                throw new SocketException("Bind in progress");
            }
            CompletableFuture<PipeServerChannel> asked =
                    PipeServerChannel.bindSoon(through, name, backlog, bindOptions);
            binding = asked;
            return asked;
        } finally {
            lock.unlock();
        }
    }

    private void endBind(PipeServerChannel channel) throws SocketException {
        lock.lock();
        try {
            binding = null;
            if (closed) {
                throw new SocketException("Socket closed");
            }
            join(channel);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a bind of which nothing has become, so that another one may be tried; who comes late keeps no name. */
    private void giveUp(CompletableFuture<PipeServerChannel> asked) {
        asked.cancel(false);
        asked.thenAccept(PipeServerChannel::closeAsync);
        lock.lock();
        try {
            if (binding == asked) {
                binding = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Accepts a connection, and waits until there is one. Any number of threads may do so.
     *
     * @return the connection
     * @throws SocketTimeoutException if none has come within the {@linkplain #setSoTimeout time}; the server stays as
     *     it is
     * @throws SocketException if this server is not bound or closed, another thread closes it, or this one is virtual
     *     and is interrupted, which closes it; also if there are no descriptors left: the client waits in the backlog
     *     then
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    @Override
    public PipeSocket accept() throws IOException {
        requireOpen();
        Bound present = bound;
        if (present == null) {
            throw new SocketException("Socket is not bound yet");
        }
        PipeChannel connection;
        try {
            connection = present.channel.accept();
        } catch (SocketTimeoutException late) {
            throw SocketFaults.late("Accept timed out", late);
        } catch (IOException failed) {
            throw SocketFaults.of(failed);
        }
        PipeSocket socket = PipeSocket.accepted(connection, present.address);
        if (settings.receiveBuffer() > 0) {
            socket.setReceiveBufferSize(settings.receiveBuffer());
        }
        return socket;
    }

    /**
     * Closes this server, and the channel with it; threads that wait get a {@link SocketException}. A path is free when
     * this returns, an abstract name and one of Windows soon ({@link LoopChannel#closeAsync} tells when).
     */
    @Override
    public void close() throws IOException {
        CompletableFuture<PipeServerChannel> begun;
        lock.lock();
        try {
            closed = true;
            begun = binding;
            binding = null;
        } finally {
            lock.unlock();
        }
        if (begun != null) {
            begun.cancel(false);
        }
        Bound present = bound;
        if (present != null) {
            present.channel.close();
        }
    }

    @Override
    public boolean isBound() {
        return bound != null;
    }

    /** Tells whether this server is closed: by {@link #close}, by an interrupt, or with its loop or channel. */
    @Override
    public boolean isClosed() {
        Bound present = bound;
        return closed || present != null && !present.channel.isOpen();
    }

    /**
     * Returns the channel behind this server.
     *
     * @return the channel, null if the server was never bound; it is closed with the server
     */
    public @Nullable PipeServerChannel pipeChannel() {
        Bound present = bound;
        return present == null ? null : present.channel;
    }

    /** Returns null: this server belongs to no {@link ServerSocketChannel}; see {@link #pipeChannel}. */
    @Override
    public @Nullable ServerSocketChannel getChannel() {
        return null;
    }

    /**
     * Returns the loopback address: clients are on this machine.
     *
     * @return an address, null if this server was never bound
     */
    @Override
    public @Nullable InetAddress getInetAddress() {
        return isBound() ? InetAddress.getLoopbackAddress() : null;
    }

    /**
     * Returns 0, as a pipe has no ports.
     *
     * @return 0; -1 while this server is not bound
     */
    @Override
    public int getLocalPort() {
        return isBound() ? 0 : -1;
    }

    /**
     * Returns the name.
     *
     * @return a {@link PipeAddress}, null if this server was never bound
     */
    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        Bound present = bound;
        return present == null ? null : present.address;
    }

    /**
     * Sets how long an {@link #accept} may wait.
     *
     * @param timeout milliseconds; 0, as at first, for any time
     */
    @Override
    public void setSoTimeout(int timeout) throws SocketException {
        requireOpen();
        settings.timeout(timeout);
        Bound present = bound;
        if (present != null) {
            present.channel.acceptTimeout(Duration.ofMillis(timeout));
        }
    }

    @Override
    public int getSoTimeout() throws IOException {
        requireOpen();
        return settings.timeout();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        requireOpen();
        settings.reuseAddress = on;
    }

    @Override
    public boolean getReuseAddress() throws SocketException {
        requireOpen();
        return settings.reuseAddress;
    }

    /**
     * Sets what the sockets that are accepted ask the system for, see {@link PipeSocket#setReceiveBufferSize}.
     *
     * @param size bytes, 1 or more
     */
    @Override
    public void setReceiveBufferSize(int size) throws SocketException {
        settings.receiveBuffer(size);
        requireOpen();
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        requireOpen();
        return SocketQuestions.orSome(settings.receiveBuffer());
    }

    /** Does nothing, as the JDK's own servers. */
    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        // There is one kind of pipe.
    }

    @Override
    public <T> ServerSocket setOption(SocketOption<T> name, T value) throws IOException {
        Objects.requireNonNull(name, "name");
        requireOpen();
        if (name == StandardSocketOptions.SO_RCVBUF && value instanceof Integer size) {
            setReceiveBufferSize(size);
        } else if (name == StandardSocketOptions.SO_REUSEADDR && value instanceof Boolean on) {
            setReuseAddress(on);
        } else if (OPTIONS.contains(name)) {
            throw new IllegalArgumentException("Invalid value '" + value + "'");
        } else {
            throw new UnsupportedOperationException("'" + name + "' not supported");
        }
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        Objects.requireNonNull(name, "name");
        requireOpen();
        if (name == StandardSocketOptions.SO_RCVBUF) {
            return name.type().cast(getReceiveBufferSize());
        } else if (name == StandardSocketOptions.SO_REUSEADDR) {
            return name.type().cast(getReuseAddress());
        }
        throw new UnsupportedOperationException("'" + name + "' not supported");
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return OPTIONS;
    }

    @Override
    public String toString() {
        Bound present = bound;
        return "PipeServerSocket[" + (present == null ? "unbound" : present.address) + "]";
    }
}
