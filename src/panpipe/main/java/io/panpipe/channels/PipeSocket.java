/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection over a pipe as a {@code java.net.Socket}, for the programs that take nothing else: JDBC drivers, HTTP
 * clients, TLS. It is a {@link PipeChannel} in other clothes, over a Unix domain socket or a named pipe of Windows.
 * Most programs make theirs by a {@link PipeSocketFactory}.
 *
 * <p>Everything is as {@link Socket} documents of sockets without a channel, and in the words of its exceptions; but:
 *
 * <ul>
 *   <li>An interrupt ends the wait of a virtual thread and closes the socket; a platform thread waits on, as with the
 *       JDK's sockets. No call pins a carrier. On the thread of its loop, calls that would wait throw an {@link
 *       IllegalStateException}.
 *   <li>The socket addresses are {@link PipeAddress}es. {@link #getInetAddress} and {@link #getPort} return what was
 *       given to {@link #connect}, if that was an address of the Internet, and else the loopback address and 0.
 *   <li>Options that only mean something to TCP are kept, and change nothing; buffer sizes are the system's, where it
 *       lets them be set. Urgent data is refused.
 *   <li>{@link #shutdownOutput} is refused by named pipes of Windows, which have no half-close.
 * </ul>
 *
 * @since 0.1
 */
public final class PipeSocket extends Socket {

    private static final Set<SocketOption<?>> OPTIONS = Set.of(
            StandardSocketOptions.SO_RCVBUF,
            StandardSocketOptions.SO_SNDBUF,
            StandardSocketOptions.SO_REUSEADDR,
            StandardSocketOptions.SO_KEEPALIVE,
            StandardSocketOptions.SO_LINGER,
            StandardSocketOptions.TCP_NODELAY,
            StandardSocketOptions.IP_TOS);

    /** How far it is; whoever makes it CONNECTED or CLOSED does so under the lock. */
    private enum Phase {
        NEW,
        CONNECTING,
        CONNECTED,
        CLOSED
    }

    /** What belongs to a connection, and stays when it is closed. */
    private record Link(
            PipeChannel channel,
            SocketInput input,
            SocketOutput output,
            @Nullable InetSocketAddress asked) {}

    /** No monitor: a virtual thread that waits for one would pin its carrier (before JDK 24). */
    private final ReentrantLock lock = new ReentrantLock();

    private final @Nullable Loop loop;
    private final SocketDestination destination;
    private final SocketSettings settings = new SocketSettings();
    private volatile Phase phase = Phase.NEW;
    private volatile @Nullable Link link;
    private volatile @Nullable PipeAddress local;
    private volatile @Nullable PipeAddress remote;
    private volatile boolean bound;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    private @Nullable CompletableFuture<PipeChannel> connecting;

    /**
     * Makes a socket that is not connected, over the loop that all share, see {@link LoopThread#sharedLoop}. {@link
     * #connect} is to be given a {@link PipeAddress} or a {@link java.net.UnixDomainSocketAddress}.
     *
     * @throws SocketException never; the superclass says so
     */
    public PipeSocket() throws SocketException {
        this(null, SocketDestination.ADDRESSED);
    }

    /**
     * Makes a socket that is not connected, as {@link #PipeSocket()} does.
     *
     * @param loop a loop that another thread runs
     * @throws SocketException never; the superclass says so
     */
    public PipeSocket(Loop loop) throws SocketException {
        this(Objects.requireNonNull(loop, "loop"), SocketDestination.ADDRESSED);
    }

    /**
     * Connects to a server, over the loop that all share; waits while its backlog is full.
     *
     * @param name the server's name, as {@link PipeChannel#connect(String)} takes it
     * @throws java.net.ConnectException if there is no such name, or nobody listens there
     * @throws IOException if the system refuses otherwise; the cause is a {@link PanpipeException}
     */
    public PipeSocket(String name) throws IOException {
        this(null, SocketDestination.ADDRESSED);
        connect(PipeAddress.of(name));
    }

    /** Makes a socket that is not connected, and goes where its maker says. */
    PipeSocket(@Nullable Loop loop, SocketDestination destination) throws SocketException {
        super(new NoSocketImpl());
        this.loop = loop;
        this.destination = destination;
    }

    /**
     * Makes a socket of a channel, which belongs to it from now on and is closed with it. An interrupt of a platform
     * thread closes the channel no more.
     *
     * @param channel a channel that is open
     * @return the socket, which is connected
     * @throws SocketException if the channel is closed
     */
    public static PipeSocket of(PipeChannel channel) throws SocketException {
        return accepted(channel, null);
    }

    /** Makes a socket of a channel whose local name may be known. */
    static PipeSocket accepted(PipeChannel channel, @Nullable PipeAddress local) throws SocketException {
        PipeSocket socket = new PipeSocket(channel.loop(), SocketDestination.ADDRESSED);
        if (!channel.isOpen()) {
            throw new SocketException("Socket is closed");
        }
        socket.local = local;
        socket.join(channel, null);
        return socket;
    }

    /** Is connected from now on; under the lock, or before any other thread has this. */
    private void join(PipeChannel channel, @Nullable InetSocketAddress asked) {
        channel.sparePlatformThreads();
        channel.readTimeout(Duration.ofMillis(settings.timeout()));
        link = new Link(channel, new SocketInput(this, channel), new SocketOutput(this, channel), asked);
        bound = true;
        phase = Phase.CONNECTED;
    }

    private void requireOpen() throws SocketException {
        if (isClosed()) {
            throw new SocketException("Socket is closed");
        }
    }

    private Link requireLink() throws SocketException {
        requireOpen();
        Link present = link;
        if (present == null) {
            throw new SocketException("Socket is not connected");
        }
        return present;
    }

    // Connecting and closing.

    /**
     * Connects, and waits while the server's backlog is full; see {@link #connect(SocketAddress, int)}.
     *
     * @param endpoint the address
     */
    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    /**
     * Connects. A socket of a {@link PipeSocketFactory} that has a name connects to that, whatever the address; so
     * programs that know nothing of pipes give it any host and port, which need not even be resolved. Where it fails
     * the socket is closed.
     *
     * @param endpoint a {@link PipeAddress}, a {@link java.net.UnixDomainSocketAddress}, or what the factory allows
     * @param timeout how long to wait while the server's backlog is full, in milliseconds; 0 for any time
     * @throws java.net.SocketTimeoutException if the backlog stays full
     * @throws java.net.ConnectException if there is no such name, or nobody listens there
     * @throws SocketException if the socket is connected or closed, another thread closes it, this one is virtual and
     *     is interrupted, or the system refuses; the cause of the last is a {@link PanpipeException}
     * @throws IllegalArgumentException if the address is null or of an unsupported kind, or the timeout is negative
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        if (endpoint == null) {
            throw new IllegalArgumentException("connect: The address can't be null");
        }
        if (timeout < 0) {
            throw new IllegalArgumentException("connect: timeout can't be negative");
        }
        requireNew();
        String name = destination.nameFor(endpoint);
        CompletableFuture<PipeChannel> asked = beginConnect(name, timeout);
        try {
            PipeChannel channel = SocketFaults.await(asked);
            endConnect(channel, name, endpoint instanceof InetSocketAddress address ? address : null);
        } catch (IOException failed) {
            giveUp(asked);
            throw SocketFaults.ofConnect(failed);
        } catch (RuntimeException | Error failed) {
            giveUp(asked);
            throw failed;
        }
        resizeBuffers();
    }

    private void requireNew() throws SocketException {
        requireOpen();
        if (phase != Phase.NEW) {
            throw new SocketException(phase == Phase.CONNECTING ? "Connection in progress" : "Already connected");
        }
    }

    private CompletableFuture<PipeChannel> beginConnect(String name, int timeout) throws IOException {
        Loop through = loop == null ? LoopThread.sharedLoop() : loop;
        through.requireRunningElsewhere();
        lock.lock();
        try {
            requireNew();
            CompletableFuture<PipeChannel> asked = timeout == 0
                    ? PipeChannel.connectAsync(through, name)
                    : PipeChannel.connectAsync(through, name, Duration.ofMillis(timeout));
            connecting = asked;
            phase = Phase.CONNECTING;
            return asked;
        } finally {
            lock.unlock();
        }
    }

    private void endConnect(PipeChannel channel, String name, @Nullable InetSocketAddress asked)
            throws SocketException {
        lock.lock();
        try {
            connecting = null;
            if (phase == Phase.CLOSED) {
                throw new SocketException("Socket closed");
            }
            remote = PipeAddress.of(name);
            join(channel, asked);
        } finally {
            lock.unlock();
        }
    }

    /** Closes this socket, of whose connection nothing has become; and where it came at that moment, nobody gets it. */
    private void giveUp(CompletableFuture<PipeChannel> asked) throws IOException {
        asked.cancel(false);
        asked.thenAccept(PipeChannel::closeAsync);
        close();
    }

    /**
     * Does nothing for an address of the Internet or null, which programs give that choose an interface: a client of a
     * pipe has no name of its own.
     *
     * @param address an {@link InetSocketAddress} or null
     * @throws SocketException if the socket is bound, connected or closed
     * @throws IllegalArgumentException if the address is of another kind
     */
    @Override
    public void bind(@Nullable SocketAddress address) throws IOException {
        requireOpen();
        if (bound) {
            throw new SocketException("Already bound");
        }
        if (address != null && !(address instanceof InetSocketAddress)) {
            throw new IllegalArgumentException("Unsupported address type: a client of a pipe has no name: " + address);
        }
        bound = true;
    }

    /**
     * Closes this socket, and the channel with it; threads that wait get a {@link SocketException}. It waits for
     * nothing: the other end learns of it soon, behind all that was written.
     */
    @Override
    public void close() throws IOException {
        CompletableFuture<PipeChannel> begun;
        lock.lock();
        try {
            phase = Phase.CLOSED;
            begun = connecting;
            connecting = null;
        } finally {
            lock.unlock();
        }
        if (begun != null) {
            begun.cancel(false);
        }
        Link present = link;
        if (present != null) {
            present.channel.close();
        }
    }

    @Override
    public boolean isConnected() {
        return link != null;
    }

    @Override
    public boolean isBound() {
        return bound;
    }

    /** Tells whether this socket is closed: by {@link #close}, by an interrupt, or with its loop or channel. */
    @Override
    public boolean isClosed() {
        Link present = link;
        return phase == Phase.CLOSED || present != null && !present.channel.isOpen();
    }

    // Streams.

    /**
     * Returns what comes in. It adds no buffer; closing it closes the socket.
     *
     * @return the same stream each time
     */
    @Override
    public InputStream getInputStream() throws IOException {
        Link present = requireLink();
        if (inputShutdown) {
            throw new SocketException("Socket input is shutdown");
        }
        return present.input;
    }

    /**
     * Returns what goes out. It adds no buffer, and a write ends when the system has taken all of it; closing it closes
     * the socket.
     *
     * @return the same stream each time
     */
    @Override
    public OutputStream getOutputStream() throws IOException {
        Link present = requireLink();
        if (outputShutdown) {
            throw new SocketException("Socket output is shutdown");
        }
        return present.output;
    }

    /**
     * Ends the incoming direction on this side: reads, also those that wait, find the end of the stream; what comes is
     * thrown away.
     */
    @Override
    public void shutdownInput() throws IOException {
        Link present = requireLink();
        if (inputShutdown) {
            throw new SocketException("Socket input is already shutdown");
        }
        try {
            present.channel.shutdownInput();
        } catch (IOException failed) {
            throw SocketFaults.of(failed);
        }
        inputShutdown = true;
    }

    /**
     * Ends the outgoing direction, behind all that was written: the other end reads the end of the stream.
     *
     * @throws SocketException also if the system has no half-close, as for named pipes of Windows; the socket stays as
     *     it is, and the cause is a {@link PanpipeException} with the code ENOTSUP
     */
    @Override
    public void shutdownOutput() throws IOException {
        Link present = requireLink();
        if (outputShutdown) {
            throw new SocketException("Socket output is already shutdown");
        }
        try {
            present.channel.shutdownOutput();
        } catch (IOException failed) {
            throw SocketFaults.of(failed);
        }
        outputShutdown = true;
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    /**
     * Returns the channel behind this socket, for what a socket has no word for: the credentials of the other end,
     * write time-outs, futures.
     *
     * @return the channel, null if the socket was never connected; it is closed with the socket
     */
    public @Nullable PipeChannel pipeChannel() {
        Link present = link;
        return present == null ? null : present.channel;
    }

    /** Returns null: this socket belongs to no {@link SocketChannel}; see {@link #pipeChannel}. */
    @Override
    public @Nullable SocketChannel getChannel() {
        return null;
    }

    // Addresses.

    /**
     * Returns the address of the Internet that was given to {@link #connect}, or the loopback address: whoever it is,
     * is on this machine.
     *
     * @return an address, null if the socket was never connected
     */
    @Override
    public @Nullable InetAddress getInetAddress() {
        Link present = link;
        if (present == null) {
            return null;
        }
        InetAddress asked = present.asked == null ? null : present.asked.getAddress();
        return asked == null ? InetAddress.getLoopbackAddress() : asked;
    }

    /**
     * Returns the port that was given to {@link #connect}.
     *
     * @return the port; 0 if there was none, or the socket is not connected
     */
    @Override
    public int getPort() {
        Link present = link;
        return present == null || present.asked == null ? 0 : present.asked.getPort();
    }

    /**
     * Returns the loopback address; the wildcard address while the socket is not bound, or when it is closed.
     *
     * @return an address of the Internet
     */
    @Override
    public InetAddress getLocalAddress() {
        return bound && !isClosed() ? InetAddress.getLoopbackAddress() : new InetSocketAddress(0).getAddress();
    }

    /**
     * Returns 0, as a pipe has no ports.
     *
     * @return 0; -1 while the socket is not bound
     */
    @Override
    public int getLocalPort() {
        return bound ? 0 : -1;
    }

    /**
     * Returns the name of the other end.
     *
     * @return a {@link PipeAddress}: the server's name at a client; mostly an empty one at a server; null if the socket
     *     was never connected
     */
    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        Link present = link;
        if (present == null) {
            return null;
        }
        PipeAddress known = remote;
        if (known == null) {
            known = SocketQuestions.peerAddress(present.channel);
            remote = known;
        }
        return known == null ? PipeAddress.of("") : known;
    }

    /**
     * Returns the name of this end.
     *
     * @return a {@link PipeAddress}: the server's name at a server; mostly an empty one at a client; null while the
     *     socket is not bound
     */
    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        if (!bound) {
            return null;
        }
        Link present = link;
        if (present == null) {
            return PipeAddress.of("");
        }
        PipeAddress known = local;
        if (known == null) {
            known = SocketQuestions.localAddress(present.channel);
            local = known;
        }
        return known == null ? PipeAddress.of("") : known;
    }

    // Options.

    /**
     * Sets how long a read may wait.
     *
     * @param timeout milliseconds; 0, as at first, for any time
     */
    @Override
    public void setSoTimeout(int timeout) throws SocketException {
        requireOpen();
        settings.timeout(timeout);
        Link present = link;
        if (present != null) {
            present.channel.readTimeout(Duration.ofMillis(timeout));
        }
    }

    @Override
    public int getSoTimeout() throws SocketException {
        requireOpen();
        return settings.timeout();
    }

    /**
     * Asks the system for a send buffer of a size; without effect where it has none to set.
     *
     * @param size bytes, 1 or more
     */
    @Override
    public void setSendBufferSize(int size) throws SocketException {
        settings.sendBuffer(size);
        requireOpen();
        Link present = link;
        if (present != null) {
            SocketQuestions.resize(present.channel, () -> present.channel.pipe().sendBufferSize(size));
        }
    }

    /**
     * Returns the size of the system's send buffer; where it does not tell, what was asked for, or 65,536.
     *
     * @return bytes, 1 or more
     */
    @Override
    public int getSendBufferSize() throws SocketException {
        requireOpen();
        Link present = link;
        int wanted = settings.sendBuffer();
        return present == null
                ? SocketQuestions.orSome(wanted)
                : SocketQuestions.size(present.channel, () -> present.channel.pipe().sendBufferSize(), wanted);
    }

    /**
     * Asks the system for a receive buffer of a size; without effect where it has none to set.
     *
     * @param size bytes, 1 or more
     */
    @Override
    public void setReceiveBufferSize(int size) throws SocketException {
        settings.receiveBuffer(size);
        requireOpen();
        Link present = link;
        if (present != null) {
            SocketQuestions.resize(present.channel, () -> present.channel.pipe().receiveBufferSize(size));
        }
    }

    /**
     * Returns the size of the system's receive buffer; where it does not tell, what was asked for, or 65,536.
     *
     * @return bytes, 1 or more
     */
    @Override
    public int getReceiveBufferSize() throws SocketException {
        requireOpen();
        Link present = link;
        int wanted = settings.receiveBuffer();
        return present == null
                ? SocketQuestions.orSome(wanted)
                : SocketQuestions.size(present.channel, () -> present.channel.pipe().receiveBufferSize(), wanted);
    }

    /** Sets what was asked for before there was a connection. */
    private void resizeBuffers() throws SocketException {
        if (settings.sendBuffer() > 0) {
            setSendBufferSize(settings.sendBuffer());
        }
        if (settings.receiveBuffer() > 0) {
            setReceiveBufferSize(settings.receiveBuffer());
        }
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        requireOpen();
        settings.tcpNoDelay = on;
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        requireOpen();
        return settings.tcpNoDelay;
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        requireOpen();
        settings.keepAlive = on;
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        requireOpen();
        return settings.keepAlive;
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        requireOpen();
        settings.linger(on, linger);
    }

    @Override
    public int getSoLinger() throws SocketException {
        requireOpen();
        return settings.linger();
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

    @Override
    public void setTrafficClass(int tc) throws SocketException {
        requireOpen();
        settings.trafficClass(tc);
    }

    @Override
    public int getTrafficClass() throws SocketException {
        requireOpen();
        return settings.trafficClass;
    }

    @Override
    public void setOOBInline(boolean on) throws SocketException {
        requireOpen();
        settings.oobInline = on;
    }

    @Override
    public boolean getOOBInline() throws SocketException {
        requireOpen();
        return settings.oobInline;
    }

    /** Throws: a pipe has no urgent data. */
    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("Urgent data not supported");
    }

    /** Does nothing, as the JDK's own sockets. */
    @Override
    public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        // There is one kind of pipe.
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
        Objects.requireNonNull(name, "name");
        requireOpen();
        boolean other = !OPTIONS.contains(name);
        if (other && !SocketSettings.isOfTcp(name)) {
            throw new UnsupportedOperationException("'" + name + "' not supported");
        }
        if (!name.type().isInstance(value)) {
            throw new IllegalArgumentException("Invalid value '" + value + "'");
        }
        if (other) {
            settings.other(name, value);
        } else if (value instanceof Boolean on) {
            setFlag(name, on);
        } else {
            setNumber(name, (Integer) value);
        }
        return this;
    }

    private void setFlag(SocketOption<?> name, boolean on) {
        if (name == StandardSocketOptions.TCP_NODELAY) {
            settings.tcpNoDelay = on;
        } else if (name == StandardSocketOptions.SO_KEEPALIVE) {
            settings.keepAlive = on;
        } else {
            settings.reuseAddress = on;
        }
    }

    private void setNumber(SocketOption<?> name, int number) throws SocketException {
        if (name == StandardSocketOptions.SO_SNDBUF) {
            setSendBufferSize(number);
        } else if (name == StandardSocketOptions.SO_RCVBUF) {
            setReceiveBufferSize(number);
        } else if (name == StandardSocketOptions.SO_LINGER) {
            // Of this option a negative value disables it.
            settings.linger(number >= 0, number);
        } else {
            settings.trafficClass(number);
        }
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        Objects.requireNonNull(name, "name");
        requireOpen();
        return name.type().cast(option(name));
    }

    private Object option(SocketOption<?> name) throws IOException {
        if (name == StandardSocketOptions.TCP_NODELAY) {
            return settings.tcpNoDelay;
        } else if (name == StandardSocketOptions.SO_KEEPALIVE) {
            return settings.keepAlive;
        } else if (name == StandardSocketOptions.SO_REUSEADDR) {
            return settings.reuseAddress;
        } else if (name == StandardSocketOptions.SO_SNDBUF) {
            return getSendBufferSize();
        } else if (name == StandardSocketOptions.SO_RCVBUF) {
            return getReceiveBufferSize();
        } else if (name == StandardSocketOptions.SO_LINGER) {
            return settings.linger();
        } else if (name == StandardSocketOptions.IP_TOS) {
            return settings.trafficClass;
        } else if (SocketSettings.isOfTcp(name)) {
            return settings.other(name);
        }
        throw new UnsupportedOperationException("'" + name + "' not supported");
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return OPTIONS;
    }

    @Override
    public String toString() {
        Link present = link;
        if (present == null) {
            return "PipeSocket[unconnected]";
        }
        PipeAddress known = remote;
        return "PipeSocket[" + (known == null ? present.channel : known) + "]";
    }
}
