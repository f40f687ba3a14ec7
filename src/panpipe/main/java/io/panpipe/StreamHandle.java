/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.stream.StreamCore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handle that reads and writes a stream of bytes, or listens for streams.
 *
 * <p>All methods are for the loop's thread and throw {@link WrongThreadException} on any other. Callbacks never run
 * inside the call that asked for them, and run in the order of their requests.
 *
 * @param <S> the kind of stream, which callbacks receive
 * @since 0.1
 */
public abstract class StreamHandle<S extends StreamHandle<S>> extends DescriptorHandle {

    /** The backlog of {@link #listen(StreamCallback)}: that of libuv, pyuv and Node. */
    public static final int DEFAULT_BACKLOG = 511;

    private final StreamCore core;

    StreamHandle(Loop loop) {
        core = new StreamCore(Loop.coreOf(loop), this, UserCode.ENTRY);
    }

    @Override
    final StreamCore core() {
        return core;
    }

    // Serving.

    /**
     * Starts listening for connections with a backlog of {@value #DEFAULT_BACKLOG}.
     *
     * @param callback see {@link #listen(StreamCallback, int)}
     * @throws PanpipeException if the system refuses
     */
    public final void listen(StreamCallback<? super S> callback) throws PanpipeException {
        listen(callback, DEFAULT_BACKLOG);
    }

    /**
     * Starts listening for connections. Called again, it changes callback and backlog.
     *
     * <p>The callback is called for each connection; {@link #accept} takes it, in the callback or later, and no further
     * one is announced before. When the process or the system is out of descriptors (EMFILE, ENFILE), the callback gets
     * the error once, the connections stay in the backlog, and they are announced when there are descriptors again.
     *
     * @param callback called with this handle and null for a connection, or with the error
     * @param backlog how many connections may wait to be accepted, 1 or more; the system may lower it
     *     (net.core.somaxconn on Linux)
     * @throws PanpipeException if the system refuses
     * @throws IllegalStateException if the handle is not bound, or is a connection
     */
    public final void listen(StreamCallback<? super S> callback, int backlog) throws PanpipeException {
        checkUsable();
        Objects.requireNonNull(callback, "callback");
        if (backlog < 1) {
            throw new IllegalArgumentException("the backlog is less than 1: " + backlog);
        }
        // Without a descriptor left, nothing can be loaded that tells of it.
        PanpipeException.prepare();
        try {
            core.listen(callback, backlog);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Takes the connection that the listen callback announced.
     *
     * @param client a new handle of the same loop, which becomes the connection
     * @throws PanpipeException EAGAIN if no connection waits
     * @throws IllegalStateException if this handle does not listen, or the client is in use
     * @throws IllegalArgumentException if the client belongs to another loop
     */
    public final void accept(S client) throws PanpipeException {
        checkUsable();
        if (client.loop() != loop()) {
            throw new IllegalArgumentException("the client belongs to another loop");
        }
        if (!core.isServer() && acceptPending(client)) {
            return;
        }
        try {
            core.accept(client.core());
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /** Takes what came over this stream; returns false where streams never come so. */
    boolean acceptPending(S client) throws PanpipeException {
        return false;
    }

    // Reading.

    /**
     * Starts reading.
     *
     * @param callback called for each piece of data, and once for the end or an error, after which reading has stopped
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, also for a channel, is not connected or was opened for writing only
     */
    public final void startRead(ReadCallback<? super S> callback) throws PanpipeException {
        checkUsable();
        Objects.requireNonNull(callback, "callback");
        try {
            core.startRead(callback);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Stops reading; no more is called back, and what arrives waits. Ends a {@link #pipeTo} as cancelled. Idempotent.
     *
     * @throws IllegalStateException if this is a channel's, whose threads read it themselves
     */
    public final void stopRead() {
        checkThread();
        core.stopRead();
    }

    // Writing.

    /**
     * Writes data without a callback; see {@link #write(ByteBuffer, StreamCallback)}. A failure that no callback
     * receives goes to the loop's uncaught-exception handler, unless closing this handle caused it: what that throws away
     * is a warning in the log, and a misuse in a simulation.
     *
     * @param data the bytes between position and limit
     * @return false if the queue has reached its high-water mark
     */
    public final boolean write(ByteBuffer data) {
        Objects.requireNonNull(data, "data");
        return core.write(data);
    }

    /**
     * Writes data. It leaves when the present callback returns, together with what else was written in it, or before the
     * loop next waits; what the system does not take then is queued. If this throws, be it an Error, nothing is written.
     *
     * @param data the bytes between position and limit, which are not moved; any size, zero included. The buffer belongs
     *     to the loop until the callback; what a read callback received may be given as it is, and must not be changed
     *     before that callback returns
     * @param callback called once when the system has taken all of it, or with an error: EPIPE after {@link #shutdown},
     *     when the other end is gone, or when an earlier write has failed, since the stream would have a hole; ECANCELED
     *     when closing this handle interrupts it
     * @return false if the queue has reached its high-water mark: better wait for {@link #onDrain}
     * @throws IllegalStateException if the handle is closed or was never connected
     */
    public final boolean write(ByteBuffer data, StreamCallback<? super S> callback) {
        Objects.requireNonNull(data, "data");
        return core.write(data, Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Writes an array without a callback; see {@link #write(ByteBuffer)}.
     *
     * @param data the bytes
     * @return false if the queue has reached its high-water mark
     */
    public final boolean write(byte[] data) {
        return write(ByteBuffer.wrap(data));
    }

    /**
     * Writes an array; see {@link #write(ByteBuffer, StreamCallback)}.
     *
     * @param data the bytes, which stay unchanged until the callback
     * @param callback called once when it is done
     * @return false if the queue has reached its high-water mark
     */
    public final boolean write(byte[] data, StreamCallback<? super S> callback) {
        return write(ByteBuffer.wrap(data), callback);
    }

    /**
     * Writes text in UTF-8 without a callback; see {@link #write(ByteBuffer)}.
     *
     * @param text the text, to which nothing is added
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if half a surrogate pair is in it
     */
    public final boolean write(String text) {
        return write(Utf8.bytes(text));
    }

    /**
     * Writes text in UTF-8; see {@link #write(ByteBuffer, StreamCallback)}.
     *
     * @param text the text, to which nothing is added
     * @param callback called once when it is done
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if half a surrogate pair is in it
     */
    public final boolean write(String text, StreamCallback<? super S> callback) {
        return write(Utf8.bytes(text), callback);
    }

    /**
     * Writes several buffers as one request, gathered into as few system calls as possible; see {@link
     * #write(ByteBuffer, StreamCallback)}.
     *
     * @param data the buffers, in order
     * @param callback called once when all are written, or with an error
     * @return false if the queue has reached its high-water mark
     */
    public final boolean write(List<ByteBuffer> data, StreamCallback<? super S> callback) {
        Objects.requireNonNull(callback, "callback");
        return core.write(List.copyOf(data), callback);
    }

    /**
     * Writes what the system takes at once, and queues nothing. What is written in the background (named pipes of Windows,
     * helper threads) keeps the loop going; if it fails the uncaught-exception handler is told, and closing cancels it.
     *
     * @param data the bytes between position and limit, which are not moved
     * @return bytes written, possibly fewer than there are
     * @throws PanpipeException EAGAIN if nothing can be written now, also because earlier writes are queued; EPIPE after
     *     {@link #shutdown} or when the other end is gone
     */
    public final int tryWrite(ByteBuffer data) throws PanpipeException {
        try {
            core.checkTryWrite();
            return core.tryWrite(data, null);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Writes what the system takes at once of an array; see {@link #tryWrite(ByteBuffer)}.
     *
     * @param data the bytes
     * @return bytes written
     * @throws PanpipeException as there
     */
    public final int tryWrite(byte[] data) throws PanpipeException {
        return tryWrite(ByteBuffer.wrap(data));
    }

    /** Ends the outgoing direction without a callback; see {@link #shutdown(StreamCallback)}. */
    public final void shutdown() {
        core.shutdown(null);
    }

    /**
     * Ends the outgoing direction once all that is queued is written: the other end then reads the end of the stream.
     * Reading goes on.
     *
     * @param callback called once when it is done, or with an error: ENOTCONN if it was shut down before, ENOTSOCK for a
     *     FIFO, an anonymous pipe or a terminal, whose only half-close is {@link #close()}, and ENOTSUP, in its turn
     *     behind what was written, for a named pipe of Windows that is not one of messages, which stays writable
     */
    public final void shutdown(StreamCallback<? super S> callback) {
        core.shutdown(Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Returns how much is queued: given to {@code write} and not yet taken by the system.
     *
     * @return bytes
     */
    public final long writeQueueSize() {
        checkThread();
        return core.writeQueueSize();
    }

    /**
     * Sets when {@code write} says that it is enough, and when {@link #onDrain} says that it can go on; at first 16 and
     * 64 KiB.
     *
     * @param low bytes, 0 or more
     * @param high bytes, more than low
     */
    public final void writeWatermarks(long low, long high) {
        checkUsable();
        if (low < 0 || high <= low) {
            throw new IllegalArgumentException("not 0 <= low < high: " + low + ", " + high);
        }
        core.watermarks().set(low, high);
    }

    /**
     * Sets who is told when the queue, having reached the high-water mark, has sunk to the low one.
     *
     * @param callback called with this handle, in a later turn or later in this one
     */
    public final void onDrain(HandleCallback<? super S> callback) {
        checkUsable();
        core.watermarks().callback(Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Copies what this stream reads to another one without a callback; see {@link #pipeTo(StreamHandle,
     * StreamCallback)}. An error goes to the loop's uncaught-exception handler.
     *
     * @param sink the other stream, of the same loop
     * @throws PanpipeException if the system cannot watch the descriptor
     */
    public final void pipeTo(StreamHandle<?> sink) throws PanpipeException {
        transferTo(sink, null);
    }

    /**
     * Copies what this stream reads to another one, no faster than that one takes it, until the end of this stream. The
     * end is passed on: the sink's outgoing direction is shut down when all is written. Neither handle is closed.
     *
     * <p>On Linux long data is moved inside the kernel (splice(2)), between sockets that this process alone has; what waits
     * there for the sink counts in its {@link #writeQueueSize}.
     *
     * @param sink the other stream, of the same loop
     * @param callback called once with this handle: at the end, when the sink is shut down; or with the error of either
     *     side, after which this stream does not read any more: ECANCELED when one of the two is closed, or the sink
     *     cannot connect; EPIPE when the sink is shut down by somebody else, and what comes then waits for the next reader
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if this stream reads already, also for a channel, or the sink is a channel's
     *     whose threads write it, or another one is copied to it
     */
    public final void pipeTo(StreamHandle<?> sink, StreamCallback<? super S> callback) throws PanpipeException {
        transferTo(sink, Objects.requireNonNull(callback, "callback"));
    }

    private void transferTo(StreamHandle<?> sink, @Nullable StreamCallback<? super S> callback)
            throws PanpipeException {
        checkUsable();
        try {
            core.pipeTo(sink.core(), callback);
        } catch (KernelException refused) {
            throw failure(refused);
        }
    }

    /**
     * Calls back when nothing was read or written for a time; once for each such period, and again only after something
     * was. It does not keep the loop going.
     *
     * @param duration how long; zero for no more of it
     * @param callback called with this handle
     * @throws IllegalStateException if threads read and write this stream for themselves, as those of a channel do on Linux,
     *     where the loop does not see the bytes: set it before the channel is made
     */
    public final void idleTimeout(Duration duration, HandleCallback<? super S> callback) {
        checkUsable();
        long nanos = Timer.nanos(duration, "duration");
        Objects.requireNonNull(callback, "callback");
        core.idleTimeout(nanos, callback);
    }

    /**
     * Tells whether this stream can be read: it is connected, was not opened for writing only, and no read has failed.
     * It stays true after the end of the stream, as in libuv.
     *
     * @return whether {@link #startRead} can succeed
     */
    public final boolean readable() {
        checkThread();
        return core.isReadable();
    }

    /**
     * Tells whether this stream can be written: it is connected, was not opened for reading only, is not shut down, and no
     * write has failed.
     *
     * @return whether a write can succeed
     */
    public final boolean writable() {
        checkThread();
        return core.isWritable();
    }
}
