/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.OpenLoops;
import io.panpipe.internal.loop.WatchedWrite;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A stream: what it is at the moment, what it has, and the order in which its parts are told, completed and closed. How it
 * reads is in {@link StreamInput}.
 *
 * <p>Parts that an idle connection does not need are made on first use, because there may be ten thousand of them.
 */
public final class StreamCore extends StreamInput implements ChannelListener {

    /** How far a stream has come. */
    public enum Phase {
        NEW,
        BOUND,
        LISTENING,
        CONNECTING,
        CONNECTED
    }

    private String name = "";
    private Phase phase = Phase.NEW;
    private @Nullable StreamOutput output;
    private @Nullable StreamOutput failedOutput;
    private @Nullable Watermarks watermarks;
    private @Nullable StreamServer server;
    private @Nullable StreamConnect connect;
    private @Nullable IdleTimeout idle;
    private @Nullable CallerStream callers;
    private boolean loopMayRead;
    private boolean writeFailed;
    private long bytesRead;
    private long bytesWritten;

    public StreamCore(LoopCore loop, Object handle, StreamFront front) {
        super(loop, handle, front);
    }

    // What the channel tells.

    @Override
    public void ready(int operations) {
        if ((operations & Channel.CONNECT) != 0 && connect != null) {
            connect.ready();
        }
        if ((operations & Channel.ACCEPT) != 0 && server != null) {
            server.ready();
        }
        if ((operations & Channel.READ) != 0) {
            inputReady();
        }
        if ((operations & Channel.WRITE) != 0 && output != null && !isClosing()) {
            output.ready();
        }
    }

    @Override
    public void written(int bytes) {
        output().landed(bytes);
        releasedIfClosing();
    }

    @Override
    public void writeFailed(KernelException error) {
        output().crashed(error);
        releasedIfClosing();
    }

    private void releasedIfClosing() {
        if (isClosing() && (output == null || !output.isInFlight())) {
            released();
        }
    }

    // Name, phase and channel.

    /** Returns the name for error messages: where the stream is bound or connected to, or empty. */
    @Override
    public String name() {
        return name;
    }

    /** Changes the name for error messages. */
    public void rename(String next) {
        name = next;
    }

    public Phase phase() {
        return phase;
    }

    void phase(Phase next) {
        phase = next;
    }

    boolean isConnecting() {
        return phase == Phase.CONNECTING;
    }

    @Override
    public boolean isStream() {
        return phase == Phase.CONNECTED;
    }

    /** Takes a channel as this handle's own. */
    public void channel(StreamChannel taken) {
        channel(taken, this);
        if (pendingHandles() != null) {
            ((PipeChannel) taken).carryHandles();
        }
    }

    /** Takes the channel of a connection. */
    public void attach(StreamChannel connected) {
        channel(connected);
        phase = Phase.CONNECTED;
    }

    /** Takes a channel that was made of an open descriptor, connected or not. */
    public void adopt(StreamChannel adopted) {
        channel(adopted);
        phase = adopted.isConnected() ? Phase.CONNECTED : Phase.BOUND;
    }

    /** Its channel has a name, under which it may listen, or connect. */
    public void bound() {
        phase = Phase.BOUND;
    }

    /** Checks that this handle can become a connection. */
    public void checkUnused() {
        checkUsable();
        if (phase != Phase.NEW) {
            throw new IllegalStateException(this + " is in use already: make a new handle");
        }
    }

    // Connecting.

    /** Checks that this handle can connect. */
    public void checkConnectable() {
        checkUsable();
        if (phase != Phase.NEW && phase != Phase.BOUND || connect != null) {
            throw new IllegalStateException(this + " is in use already: make a new handle");
        }
    }

    /**
     * Connects to what is called {@code peer}, after {@link #checkConnectable}.
     *
     * @param timeoutNanos how long to try, or -1 to try once
     */
    public void connect(String peer, StreamConnect.Attempt attempt, long timeoutNanos, Object callback) {
        StreamConnect pending = new StreamConnect(this, attempt, timeoutNanos, callback);
        name = peer;
        connect = pending;
        pending.attempt();
    }

    private void tellConnected() {
        StreamConnect pending = connect;
        if (pending != null && pending.isDone()) {
            connect = null;
            pending.tell();
        }
    }

    // Serving.

    /** Listens, or listens with another callback and backlog. */
    public void listen(Object callback, int backlog) throws KernelException {
        if (pendingHandles() != null) {
            throw new IllegalStateException(
                    this + " carries handles and is a connection: listen with another, and accept into this kind");
        }
        if (isStream()) {
            throw new IllegalStateException(this + " is a connection and cannot listen");
        }
        if (phase != Phase.BOUND && phase != Phase.LISTENING) {
            throw new IllegalStateException(this + " has no name to listen on: call bind first");
        }
        channel().listen(backlog);
        if (server == null) {
            addInterest(Channel.ACCEPT);
            server = new StreamServer(this, callback);
        } else {
            server.callback(callback);
        }
        phase = Phase.LISTENING;
        setActive(true);
    }

    /** Tells whether it has ever listened. */
    public boolean isServer() {
        return server != null;
    }

    /** Lets a new handle become the connection that was announced: EAGAIN if none was. */
    public void accept(StreamCore client) throws KernelException {
        StreamServer present = server;
        if (present == null) {
            throw new IllegalStateException(this + " does not listen: call listen first");
        }
        client.checkUnused();
        client.attach(present.announced());
        client.rename(name);
        present.taken();
    }

    // Writing.

    /** Checks that data can be written, or queued until it can. */
    public void checkWritable() {
        checkUsable();
        if (!isStream() && !isConnecting()) {
            throw new IllegalStateException(this + " is not connected: call connect, accept or open first");
        }
    }

    /** Writes data without a callback; tells whether the queue is below its high-water mark. */
    public boolean write(ByteBuffer data) {
        StreamOutput present = output;
        if (present != null && present.append(data)) {
            return true;
        }
        return write(data, null);
    }

    /** Writes data as one request; tells whether the queue is below its high-water mark. */
    public boolean write(ByteBuffer data, @Nullable Object callback) {
        if (!mayWrite(callback)) {
            return true;
        }
        return output().write(data, WatchedWrite.of(loop(), data, callback));
    }

    /** Writes several buffers as one request; tells whether the queue is below its high-water mark. */
    public boolean write(List<ByteBuffer> data, Object callback) {
        if (!mayWrite(callback)) {
            return true;
        }
        return output().write(data, WatchedWrite.of(loop(), data, callback));
    }

    /**
     * Writes data as one request and sends descriptors, which are this stream's unless it throws, with its first byte, after
     * {@link #mayWrite}.
     */
    public boolean write(ByteBuffer data, HandleGroup descriptors, Object callback) {
        return output().write(data, descriptors, WatchedWrite.of(loop(), data, callback));
    }

    /** Checks that data may be written; where its time is over the callback hears of that in its turn, and false is returned. */
    public boolean mayWrite(@Nullable Object callback) {
        checkWritable();
        if (isWriteEnded() || isStream() && !channel().writable()) {
            output().addLate(callback, Failure.of(Fault.EPIPE, "write", name));
            return false;
        }
        return true;
    }

    /** Checks that a tryWrite could do something now: EAGAIN or EPIPE if not. */
    public void checkTryWrite() throws KernelException {
        checkWritable();
        if (isConnecting()) {
            throw new KernelException(Fault.EAGAIN, 0, "write");
        }
        if (isWriteEnded() || !channel().writable()) {
            throw new KernelException(Fault.EPIPE, 0, "write");
        }
        output().checkEmpty();
    }

    /**
     * Writes what the system takes at once, after {@link #checkTryWrite}; returns how much.
     *
     * @param descriptors what is sent along, which is this stream's from now on, or null
     */
    public int tryWrite(ByteBuffer data, @Nullable HandleGroup descriptors) throws KernelException {
        return output().tryWrite(data, !channel().writesInFlight(), descriptors);
    }

    /** Ends the outgoing direction once all that is queued is written. */
    public void shutdown(@Nullable Object callback) {
        checkWritable();
        if (isShutdown()) {
            output().addLate(callback, Failure.of(Fault.ENOTCONN, "shutdown", name));
        } else if (channelOrNull() != null && !channel().halfCloses()) {
            output().refuseShutdown(callback);
        } else {
            StreamTransfer.sinkShutsDown(this);
            output().shutdown(callback);
        }
    }

    /** Returns how many bytes are queued. */
    public long writeQueueSize() {
        StreamOutput present = output;
        return present == null ? 0 : present.size();
    }

    StreamOutput output() {
        StreamOutput present = output;
        if (present == null) {
            present = StreamOutput.lentTo(this);
            output = present;
        }
        return present;
    }

    /** Returns what this stream has borrowed to send what it has to send, or null while it has nothing. */
    public @Nullable StreamOutput outputOrNull() {
        return output;
    }

    /** Forgets an output that is given back to the loop. */
    void givenBack(StreamOutput idleOutput) {
        if (output == idleOutput) {
            output = null;
        } else if (failedOutput == idleOutput) {
            failedOutput = null;
        }
    }

    /** Fails what was asked of a stream that could not connect; what is asked from now on is another beginning. */
    void restartOutput(Failure why) {
        StreamTransfer.sinkLost(this);
        StreamOutput failed = output;
        if (failed != null) {
            failed.fail(why);
            if (output == failed) {
                failedOutput = failed;
                output = null;
            }
        }
    }

    /** Tells whether the outgoing direction was shut down, or will be. */
    private boolean isShutdown() {
        return output != null && output.isShutdown();
    }

    /** Notes that something of what was to be written is lost, so that nothing may follow it. */
    void writeFailed() {
        writeFailed = true;
    }

    /** Tells whether nothing can be written any more: the stream was shut down, or a write has failed. */
    boolean isWriteEnded() {
        return writeFailed || isShutdown();
    }

    /** Tells whether this stream can be read. */
    public boolean isReadable() {
        return !isClosing() && isStream() && !hasReadFailed() && channel().readable();
    }

    /** Tells whether this stream can be written. */
    public boolean isWritable() {
        return !isClosing() && isStream() && channel().writable() && !isWriteEnded();
    }

    // Back-pressure, and copying.

    /** Returns this stream's own water marks, or null while the defaults do and nobody is to be told of them. */
    @Nullable Watermarks watermarksOrNull() {
        return watermarks;
    }

    /** Returns this stream's own water marks, made where the defaults have done. */
    public Watermarks watermarks() {
        Watermarks present = watermarks;
        if (present == null) {
            present = new Watermarks();
            watermarks = present;
            if (output != null) {
                // The next write looks at the marks.
                output.closeEnd();
            }
        }
        return present;
    }

    /** Copies what this stream reads to another one, until the end of this stream, which is passed on. */
    public void pipeTo(StreamCore sink, @Nullable Object callback) throws KernelException {
        checkReadable();
        if (pendingHandles() != null) {
            throw new IllegalStateException(this + " carries handles, which a copy of its bytes would lose");
        }
        if (sink.loop() != loop()) {
            throw new IllegalArgumentException("the sink belongs to another loop");
        }
        sink.checkWritable();
        sink.checkNotCallers();
        StreamTransfer.start(this, sink, callback);
    }

    // How much has moved, and when.

    /** Has somebody called when no bytes have moved for so long; 0 for no more of it. */
    public void idleTimeout(long nanos, Object callback) {
        if (nanos != 0) {
            checkNotCallers();
        }
        idle(nanos == 0 ? null : new IdleTimeout(this, nanos, callback));
    }

    private void idle(@Nullable IdleTimeout timeout) {
        if (idle != null) {
            idle.cancel();
        }
        idle = timeout;
    }

    @Override
    void touched() {
        if (idle != null) {
            idle.touched();
        }
    }

    @Override
    void hasRead(int bytes) {
        bytesRead += bytes;
        touched();
    }

    /** Notes that the system has taken so many bytes. */
    void hasWritten(long bytes) {
        bytesWritten += bytes;
        touched();
    }

    @Override
    protected long bytesRead() {
        CallerStream others = callers;
        return others == null ? bytesRead : bytesRead + others.bytesRead();
    }

    @Override
    protected long bytesWritten() {
        CallerStream others = callers;
        return others == null ? bytesWritten : bytesWritten + others.bytesWritten();
    }

    // Other threads that read and write.

    /**
     * Lets other threads read and write this stream themselves; null where the system has nothing for that, or what this
     * stream is used for is not theirs: handles that come with the bytes, copying, an idle timeout, which counts the loop's.
     *
     * @throws IllegalStateException if it is theirs already
     */
    public @Nullable CallerStream callers(CallerStream.Listener listener) {
        checkNotCallers();
        boolean copies = transfer() != null || StreamTransfer.to(this) != null;
        if (!isStream() || isClosing() || reader() != null || copies || idle != null || pendingHandles() != null) {
            return null;
        }
        callers = channel().callers(listener);
        return callers;
    }

    /** Takes that back, before any other thread was given it. */
    public void endCallers() {
        CallerStream others = callers;
        if (others != null) {
            callers = null;
            others.end();
        }
    }

    /** Lets the owner of what {@link #callers} returned read by the loop. */
    public void loopMayRead(boolean may) {
        loopMayRead = may;
    }

    @Override
    public void checkNotCallers() {
        if (callers != null && !loopMayRead) {
            throw new IllegalStateException(this + " is a channel's, whose threads read and write it");
        }
    }

    // Telling.

    /** Calls the user back for a request. */
    void call(Object callback, @Nullable Failure failure) {
        front().call(this, callback, failure);
    }

    /** Calls the user back about this stream. */
    void call(Object callback) {
        loop().front().call(this, callback);
    }

    @Override
    protected void tellDone() {
        tellConnected();
        StreamOutput failed = failedOutput;
        if (failed != null) {
            failedOutput = null;
            failed.tell();
        }
        if (output != null) {
            output.tell();
        }
        if (watermarks != null) {
            watermarks.tell(this);
        }
        tellStopped();
    }

    @Override
    protected void describe(List<String> facts) {
        facts.add(phase.name().toLowerCase(Locale.ROOT));
        describeDescriptor(facts);
        StreamServer serving = server;
        if (serving != null) {
            serving.describe(facts);
        }
        if (isStream()) {
            describeReading(facts);
        }
        StreamOutput sending = output;
        if (sending != null) {
            sending.describe(facts);
        }
        if (isStream()) {
            facts.add("read " + bytesRead() + " and written " + bytesWritten() + " bytes");
        }
    }

    @Override
    public boolean isActive() {
        return super.isActive() || isConnecting() || output != null && output.isBusy();
    }

    // Closing.

    @Override
    protected void checkDetachable() {
        if (writeQueueSize() > 0 || isConnecting()) {
            throw new IllegalStateException(this + " has pending requests: wait for their callbacks");
        }
        if (server != null && server.hasWaiting() || hasPendingHandles()) {
            throw new IllegalStateException(this + " has announced a connection or handle: accept it first");
        }
    }

    @Override
    protected boolean release() {
        StreamOutput cancelled = output;
        try {
            endRead();
            idle(null);
            StreamTransfer.sinkCloses(this);
            if (server != null) {
                server.close();
            }
        } catch (Throwable thrown) {
            // The requests are cancelled all the same.
            loop().uncaught(thrown);
        }
        try {
            if (connect != null) {
                connect.cancel();
            }
        } catch (Throwable thrown) {
            // The writes are cancelled all the same.
            loop().uncaught(thrown);
        }
        try {
            if (cancelled != null) {
                cancelled.cancel(Failure.of(Fault.ECANCELED, "write", name));
            }
        } catch (Throwable thrown) {
            // The descriptors are closed all the same, and the close is told.
            loop().uncaught(thrown);
        }
        try {
            releaseHandles();
        } finally {
            closeChannel(false);
        }
        return cancelled == null || !cancelled.isInFlight();
    }

    @Override
    protected void abandonFlight() {
        StreamOutput flying = output;
        if (isClosing() && flying != null && flying.isInFlight()) {
            OpenLoops.keep(flying);
            flying.abandon(Failure.of(Fault.ECANCELED, "write", name));
            released();
        }
    }

    @Override
    protected void finishRequests() {
        try {
            runCompletions();
        } finally {
            StreamTransfer fromHere = transfer();
            if (fromHere != null) {
                fromHere.cancelled(name);
            }
            StreamTransfer toHere = StreamTransfer.to(this);
            if (toHere != null) {
                toHere.cancelled(name);
            }
        }
    }
}
