/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A stream that may carry open handles to another process beside its bytes.
 *
 * @param <S> the kind of stream, which callbacks receive
 * @since 0.1
 */
public abstract class HandleStream<S extends HandleStream<S>> extends StreamHandle<S> {

    private final boolean ipc;
    private final @Nullable PendingHandles pending;

    HandleStream(Loop loop, boolean ipc) {
        super(loop);
        this.ipc = ipc;
        pending = ipc ? new PendingHandles(loop) : null;
        if (ipc) {
            PanpipeException.prepare();
        }
    }

    /**
     * Tells whether this stream may carry handles.
     *
     * @return what was given at construction
     */
    public final boolean ipc() {
        return ipc;
    }

    /** Becomes the owner of a received descriptor. */
    abstract void adopt(long descriptor) throws PanpipeException;

    /**
     * Writes data and sends handles with its first byte; see {@link StreamHandle#write(ByteBuffer, StreamCallback)}.
     *
     * <p>The handles may be closed right after this call, and stay usable here if they are not. Pipes, Tcp and Udp handles
     * are duplicated in it, and so are RawDescriptor handles on Windows and those of another loop, which has to be this
     * thread's as well. They leave exactly once, in the order of the writes; the receiver gets them with the first of these
     * bytes, possibly behind bytes of earlier writes, and never together with bytes of later ones.
     *
     * <p>On Windows pipes (but not listeners) and raw handles can be sent, to a process that this one may open with
     * PROCESS_DUP_HANDLE; a pipe with a write in flight cannot (EBUSY). The write waits until the other end has said that it
     * takes handles; ENOTSUP if it says that it does not, as libuv's pipes. Handles of frames that are cancelled while in
     * flight stay open in the other process.
     *
     * @param data the bytes between position and limit, at least one
     * @param callback called once when the system has taken all of it, or with an error
     * @param handles pipes, Tcp, Udp or RawDescriptor handles, 1 to 253 (Linux's SCM_MAX_FD)
     * @return false if the queue has reached its high-water mark
     * @throws PanpipeException EMFILE if a handle cannot be duplicated; nothing is written then
     * @throws IllegalArgumentException without data, without a handle, or for a handle that has no descriptor
     * @throws IllegalStateException if this stream was not made for handles
     * @throws WrongThreadException also for a handle of a loop that belongs to another thread; nothing is written then
     */
    public final boolean write(ByteBuffer data, StreamCallback<? super S> callback, Handle... handles)
            throws PanpipeException {
        Objects.requireNonNull(callback, "callback");
        checkHandles(data, handles);
        if (!mayWrite(callback)) {
            return true;
        }
        // Before an output is borrowed, which an idle stream does not hold.
        HandleGroup descriptors = group(handles);
        try {
            return output().write(data, descriptors, WatchedWrite.of(loop(), data, callback));
        } catch (Throwable failed) {
            descriptors.close(false);
            throw failed;
        }
    }

    /**
     * Writes what the system takes at once, and sends handles with the first byte; queues nothing.
     *
     * @param data the bytes between position and limit, at least one
     * @param handles 1 to 253
     * @return bytes written, at least one; the handles have been sent
     * @throws PanpipeException as {@link StreamHandle#tryWrite(ByteBuffer)}; no handle has been sent then
     * @throws IllegalArgumentException as {@link #write(ByteBuffer, StreamCallback, Handle...)}
     * @throws IllegalStateException if this stream was not made for handles
     * @throws WrongThreadException also for a handle of a loop that belongs to another thread; nothing is written then
     */
    public final int tryWrite(ByteBuffer data, Handle... handles) throws PanpipeException {
        checkHandles(data, handles);
        checkTryWrite();
        HandleGroup descriptors = group(handles);
        return output().tryWrite(data, !channel().writesInFlight(), descriptors);
    }

    private HandleGroup group(Handle[] handles) throws PanpipeException {
        StreamChannel present = channelOrNull();
        return HandleGroup.of(loop(), handles, present != null && !present.writesInFlight());
    }

    private void checkHandles(ByteBuffer data, Handle[] handles) {
        checkUsable();
        checkIpc();
        if (!data.hasRemaining()) {
            throw new IllegalArgumentException("handles travel with data, at least one byte: the receiver would lose them");
        }
        if (handles.length == 0 || handles.length > Selector.MOST_HANDLES) {
            throw new IllegalArgumentException("not 1 to " + Selector.MOST_HANDLES + " handles: " + handles.length);
        }
    }

    private void checkIpc() {
        if (!ipc) {
            throw new IllegalStateException(this + " carries no handles: make it with new Pipe(loop, true)");
        }
    }

    /**
     * Starts reading data and handles.
     *
     * <p>Handles that came with data wait, first in, first out, for {@link #accept(Tcp)} and the like, in this callback
     * or later. While 64 or more wait, reading pauses. Those that are never accepted are closed with this pipe.
     *
     * <p>{@link #startRead} collects handles as well, and does not ask the system of what type the first one is.
     *
     * @param callback called for each piece of data, and once for the end or an error, after which reading has stopped
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, is not connected, was opened for writing only, or was not made
     *     for handles
     */
    public final void startRead2(HandleReadCallback<? super S> callback) throws PanpipeException {
        Objects.requireNonNull(callback, "callback");
        checkUsable();
        checkIpc();
        startRead((stream, data, error) -> callback.call(stream, data, pendingType(), error));
    }

    /**
     * Returns how many received handles wait to be accepted.
     *
     * @return the number, 0 for a pipe that is no ipc pipe
     */
    public final int pendingCount() {
        loop().checkThread();
        return pending == null ? 0 : pending.count();
    }

    /**
     * Returns the type of the received handle that is accepted next.
     *
     * @return NONE if none waits
     */
    public final PendingType pendingType() {
        loop().checkThread();
        return pending == null ? PendingType.NONE : pending.type();
    }

    /**
     * Takes a received TCP socket, connected or listening.
     *
     * @param handle a new handle of the same loop, which becomes the socket
     * @throws PanpipeException EAGAIN if no handle waits
     * @throws IllegalArgumentException if something else waits, which the message names
     */
    public final void accept(Tcp handle) throws PanpipeException {
        PendingHandles waiting = pending(PendingType.TCP, handle);
        handle.open(waiting.first());
        taken(waiting);
    }

    /**
     * Takes a received UDP socket.
     *
     * @param handle a new handle of the same loop, which becomes the socket
     * @throws PanpipeException EAGAIN if no handle waits
     * @throws IllegalArgumentException if something else waits, which the message names
     */
    public final void accept(Udp handle) throws PanpipeException {
        PendingHandles waiting = pending(PendingType.UDP, handle);
        handle.open(waiting.first());
        taken(waiting);
    }

    /**
     * Takes a received descriptor of any kind, a socket included.
     *
     * @param handle a new handle of the same loop, which owns the descriptor from now on
     * @throws PanpipeException EAGAIN if no handle waits
     */
    public final void accept(RawDescriptor handle) throws PanpipeException {
        PendingHandles waiting = pending(null, handle);
        handle.take(waiting.first());
        taken(waiting);
    }

    @Override
    final void acceptPending(S handle) throws PanpipeException {
        if (!ipc) {
            super.acceptPending(handle);
        }
        PendingHandles waiting = pending(PendingType.PIPE, handle);
        handle.adopt(waiting.first());
        taken(waiting);
    }

    private PendingHandles pending(@Nullable PendingType wanted, Handle handle) throws PanpipeException {
        checkUsable();
        checkIpc();
        if (handle.loop() != loop()) {
            throw new IllegalArgumentException("the handle belongs to another loop");
        }
        PendingHandles waiting = pending;
        if (waiting == null || waiting.count() == 0) {
            throw PanpipeException.of(Fault.EAGAIN, "accept", name()).traced();
        }
        if (wanted != null && waiting.type() != wanted) {
            throw new IllegalArgumentException("what waits is of type " + waiting.type() + ", not " + wanted);
        }
        return waiting;
    }

    /** The first of the handles has another owner: that cannot be undone, and so nothing is thrown. */
    private void taken(PendingHandles waiting) {
        waiting.remove();
        try {
            pauseOrResumeRead();
        } catch (KernelException refused) {
            endReadSoon(failure(refused));
        } catch (RuntimeException | Error thrown) {
            endReadSoon(PanpipeException.of(thrown, "accept", name()));
        }
    }

    /** Ends the reading by a task: whoever accepts is not called back inside that call. */
    private void endReadSoon(PanpipeException trouble) {
        try {
            loop().execute(() -> StreamReader.end(this, trouble));
        } catch (RejectedExecutionException closing) {
            // It ends with the loop.
        }
    }

    @Override
    final void prepare(StreamChannel taken) {
        if (ipc) {
            ((PipeChannel) taken).carryHandles();
        }
    }

    @Override
    final int read(Region into) throws KernelException {
        PendingHandles received = pending;
        if (received == null) {
            // As super.read(into), in its frame: UnixCalls.recv says what a further one costs.
            return channel().read(into, 0, LoopBuffers.READ_SIZE);
        }
        HandleInbox inbox = loop().buffers().inbox();
        int result = ((PipeChannel) channel()).readWithHandles(into, 0, LoopBuffers.READ_SIZE, inbox);
        received.take(inbox);
        FlightReport.received(this, inbox);
        return result;
    }

    @Override
    final @Nullable PanpipeException troubleWithRead() {
        PendingHandles waiting = pending;
        if (waiting == null) {
            return null;
        }
        if (waiting.takeLost()) {
            PanpipeException lost = new PanpipeException(ErrorCode.EMFILE, "recvmsg", name(),
                    "handles that came with the last data were lost: this process had no descriptor left for them");
            loop().callbacks.warn(lost.getMessage());
            return lost;
        }
        if (waiting.isFull()) {
            removeInterest(Channel.READ);
        }
        return null;
    }

    @Override
    final boolean isReadPaused() {
        return pending != null && pending.isFull();
    }

    @Override
    final boolean hasPendingHandles() {
        return pending != null && pending.count() > 0;
    }

    @Override
    final void releaseHandles() {
        if (pending != null && pending.count() > 0) {
            int unaccepted = pending.count();
            pending.closeAll();
            loop().callbacks.warn(this + " is closed, and with it received handles that nobody has accepted: " + unaccepted);
        }
    }

    @Override
    final @Nullable Runnable rest() {
        Runnable channel = super.rest();
        PendingHandles unaccepted = pending;
        if (channel == null || unaccepted == null) {
            return channel;
        }
        return () -> {
            unaccepted.closeAll();
            channel.run();
        };
    }

    @Override
    final boolean carriesHandles() {
        return ipc;
    }

    @Override
    final void checkMayListen() {
        if (ipc) {
            throw new IllegalStateException(
                    this + " carries handles and is a connection: listen with another, and accept into this kind");
        }
    }

    @Override
    final void checkMayTransfer() {
        if (ipc) {
            throw new IllegalStateException(this + " carries handles, which a copy of its bytes would lose");
        }
    }
}
