/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.stream.CallerIo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream is at the moment, behind the methods that {@link StreamHandle} shows: its channel, what the selector
 * watches for, and the order in which its parts are told, completed and closed.
 *
 * <p>Parts that an idle connection does not need are made on first use, because there may be ten thousand of them.
 */
abstract class StreamState<S extends StreamHandle<S>> extends StreamInput<S> {

    /** How far a stream has come. */
    enum Phase {
        NEW,
        BOUND,
        LISTENING,
        CONNECTING,
        CONNECTED
    }

    private final Events events = new Events();
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

    /** The channel's events, kept apart so that no method of the contract shows in the public classes. */
    private final class Events implements ChannelListener {
        @Override
        public void ready(int operations) {
            if ((operations & StreamChannel.CONNECT) != 0 && connect != null) {
                connect.ready();
            }
            if ((operations & StreamChannel.ACCEPT) != 0 && server != null) {
                server.ready();
            }
            if ((operations & StreamChannel.READ) != 0) {
                StreamReader.read(StreamState.this);
            }
            if ((operations & StreamChannel.WRITE) != 0 && output != null && !isClosing()) {
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
    }

    StreamState(Loop loop) {
        super(loop);
    }

    /** Returns this handle as what callbacks receive. */
    abstract S self();

    /** Returns the name for error messages: where the stream is bound or connected to, or empty. */
    @Override
    final String name() {
        return name;
    }

    /** Changes the name for error messages. */
    final void rename(String next) {
        name = next;
    }

    // Phase and channel.

    final Phase phase() {
        return phase;
    }

    final void phase(Phase next) {
        phase = next;
    }

    final boolean isConnecting() {
        return phase == Phase.CONNECTING;
    }

    @Override
    final boolean isStream() {
        return phase == Phase.CONNECTED;
    }

    @Override
    final @Nullable StreamChannel channelOrNull() {
        return (StreamChannel) super.channelOrNull();
    }

    @Override
    final StreamChannel channel() {
        StreamChannel present = channelOrNull();
        if (present == null) {
            throw new IllegalStateException(this + " has no channel");
        }
        return present;
    }

    /** Takes a channel as this handle's own. */
    final void channel(StreamChannel taken) {
        channel(taken, events);
        prepare(taken);
    }

    /** Tells a new channel what it will be used for. */
    void prepare(StreamChannel taken) {}

    final void attach(StreamChannel connected) {
        channel(connected);
        phase = Phase.CONNECTED;
    }

    /** Checks that this handle can become a connection. */
    final void checkUnused() {
        checkUsable();
        if (phase != Phase.NEW) {
            throw new IllegalStateException(this + " is in use already: make a new handle");
        }
    }

    /** Checks that this handle can connect. */
    final void checkConnectable() {
        checkUsable();
        if (phase != Phase.NEW && phase != Phase.BOUND || connect != null) {
            throw new IllegalStateException(this + " is in use already: make a new handle");
        }
    }

    /** Checks that this stream is not of a kind that never listens. */
    void checkMayListen() {}

    /** Checks that data can be written, or queued until it can. */
    final void checkWritable() {
        checkUsable();
        if (!isStream() && !isConnecting()) {
            throw new IllegalStateException(this + " is not connected: call connect, accept or open first");
        }
    }

    /** Connects to what is called {@code peer}, after {@link #checkConnectable}. */
    final void beginConnect(
            String peer, StreamConnect.Attempt attempt, long timeoutNanos, StreamCallback<? super S> callback) {
        StreamConnect pending = new StreamConnect(this, attempt, timeoutNanos, callback);
        name = peer;
        connect = pending;
        pending.attempt();
    }

    // Parts.

    final StreamOutput output() {
        StreamOutput present = output;
        if (present == null) {
            present = loop().buffers().takeOutput(this);
            output = present;
        }
        return present;
    }

    /** Gives an output of this stream that has nothing more to do back to the loop. */
    final @Nullable StreamOutput giveBack(StreamOutput idle) {
        if (output == idle) {
            output = null;
        } else if (failedOutput == idle) {
            failedOutput = null;
        }
        return loop().buffers().giveBack(idle);
    }

    /** Tells whether the outgoing direction was shut down, or will be. */
    final boolean isShutdown() {
        return output != null && output.isShutdown();
    }

    /** Notes that something of what was to be written is lost, so that nothing may follow it. */
    final void writeFailed() {
        writeFailed = true;
    }

    /** Tells whether nothing can be written any more: the stream was shut down, or a write has failed. */
    final boolean isWriteEnded() {
        return writeFailed || isShutdown();
    }

    /** Returns this stream's own water marks, or null while the defaults do and nobody is to be told of them. */
    final @Nullable Watermarks watermarksOrNull() {
        return watermarks;
    }

    final Watermarks watermarks() {
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

    /** Fails what was asked of a stream that could not connect; what is asked from now on is another beginning. */
    final void restartOutput(PanpipeException why) {
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

    final @Nullable StreamOutput outputOrNull() {
        return output;
    }

    final @Nullable StreamServer server() {
        return server;
    }

    final void beginListen(StreamCallback<? super S> callback) throws KernelException {
        if (server == null) {
            addInterest(StreamChannel.ACCEPT);
            server = new StreamServer(this, callback);
        } else {
            server.callback(callback);
        }
        phase = Phase.LISTENING;
        setActive(true);
    }

    final void idle(@Nullable IdleTimeout timeout) {
        if (idle != null) {
            idle.cancel();
        }
        idle = timeout;
    }

    /** Notes that so many bytes were read. */
    final void hasRead(int bytes) {
        bytesRead += bytes;
        touched();
    }

    @Override
    final void describe(List<String> facts) {
        StreamFacts.describe(this, facts);
    }

    /** Notes that the system has taken so many bytes. */
    final void hasWritten(long bytes) {
        bytesWritten += bytes;
        touched();
    }

    @Override
    final long bytesRead() {
        CallerStream others = callers;
        return others == null ? bytesRead : bytesRead + others.bytesRead();
    }

    @Override
    final long bytesWritten() {
        CallerStream others = callers;
        return others == null ? bytesWritten : bytesWritten + others.bytesWritten();
    }

    /**
     * Lets other threads read and write this stream themselves; null where the system has nothing for that, or what this
     * stream is used for is not theirs: handles that come with the bytes, copying, an idle timeout, which counts the loop's.
     *
     * @throws IllegalStateException if it is theirs already
     */
    final @Nullable CallerIo callers(CallerIo.Listener listener) {
        loop().checkThread();
        checkNotCallers();
        boolean copies = transfer() != null || StreamTransfer.to(this) != null;
        if (!isStream() || isClosing() || readCallback() != null || copies || idle != null || carriesHandles()) {
            return null;
        }
        CallerStream others = channel().callers(listener);
        if (others == null) {
            return null;
        }
        CallerIo io = new CallerStreamIo(this, others);
        callers = others;
        return io;
    }

    /** Takes that back, before any other thread was given it. */
    final void endCallers() {
        CallerStream others = callers;
        if (others != null) {
            callers = null;
            others.end();
        }
    }

    /** Lets the owner of what {@link #callers} returned read by the loop. */
    final void loopMayRead(boolean may) {
        loopMayRead = may;
    }

    @Override
    final void checkNotCallers() {
        if (callers != null && !loopMayRead) {
            throw new IllegalStateException(this + " is a channel's, whose threads read and write it");
        }
    }

    /** Tells whether handles may come with what is read. */
    boolean carriesHandles() {
        return false;
    }

    @Override
    final void touched() {
        if (idle != null) {
            idle.touched();
        }
    }

    // Calling back.

    @SuppressWarnings("unchecked") // Only callbacks of this stream's own kind are ever stored.
    final void call(StreamCallback<?> callback, @Nullable PanpipeException error) {
        loop().callbacks.call((StreamCallback<? super S>) callback, self(), error);
    }

    @SuppressWarnings("unchecked") // As above.
    final void call(HandleCallback<?> callback) {
        loop().callbacks.call((HandleCallback<? super S>) callback, self());
    }

    @Override
    final void tellDone() {
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

    private void tellConnected() {
        StreamConnect pending = connect;
        if (pending != null && pending.isDone()) {
            connect = null;
            pending.tell();
        }
    }

    // Closing.

    @Override
    final boolean isActive() {
        return super.isActive() || isConnecting() || output != null && output.isBusy();
    }

    @Override
    final void checkDetachable() {
        if (writeQueued() || isConnecting()) {
            throw new IllegalStateException(this + " has pending requests: wait for their callbacks");
        }
        if (server != null && server.hasWaiting() || hasPendingHandles()) {
            throw new IllegalStateException(this + " has announced a connection or handle: accept it first");
        }
    }

    /** Tells whether descriptors came with the stream and were not accepted. */
    boolean hasPendingHandles() {
        return false;
    }

    private boolean writeQueued() {
        return output != null && output.size() > 0;
    }

    /** Closes descriptors that came with the stream and were not accepted. */
    void releaseHandles() {}

    @Override
    final boolean release() {
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
            loop().callbacks.uncaught(thrown);
        }
        try {
            if (connect != null) {
                connect.cancel();
            }
        } catch (Throwable thrown) {
            // The writes are cancelled all the same.
            loop().callbacks.uncaught(thrown);
        }
        try {
            if (cancelled != null) {
                cancelled.cancel(PanpipeException.of(Fault.ECANCELED, "write", name()));
            }
        } catch (Throwable thrown) {
            // The descriptors are closed all the same, and the close is told.
            loop().callbacks.uncaught(thrown);
        }
        try {
            releaseHandles();
        } finally {
            closeChannel(false);
        }
        return cancelled == null || !cancelled.isInFlight();
    }

    @Override
    final void abandonFlight() {
        StreamOutput flying = output;
        if (isClosing() && flying != null && flying.isInFlight()) {
            OpenLoops.keep(flying);
            flying.abandon(PanpipeException.of(Fault.ECANCELED, "write", name()));
            released();
        }
    }

    @Override
    final void finishRequests() {
        try {
            runCompletions();
        } finally {
            StreamTransfer fromHere = transfer();
            if (fromHere != null) {
                fromHere.cancelled(name());
            }
            StreamTransfer toHere = StreamTransfer.to(this);
            if (toHere != null) {
                toHere.cancelled(name());
            }
        }
    }
}
