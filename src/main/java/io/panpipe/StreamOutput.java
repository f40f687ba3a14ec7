/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing direction of a stream: what is queued, in flight and done, the half-close behind it, and the water marks.
 *
 * <p>Bytes leave the queue only when the kernel is done with them, so that everything that waits for a write — its
 * callback, shutdown, close — waits for bytes in flight as well. Nothing in here calls back: what is done is queued with
 * the loop, which tells it later.
 */
final class StreamOutput {

    /** Attempts per turn, as in libuv, so that a fast reader at the other end does not hold the loop. */
    private static final int ATTEMPTS = 32;

    private final StreamState<?> stream;
    private final Loop loop;
    private final RequestQueue requests = new RequestQueue();
    private final Watermarks watermarks = new Watermarks();
    private @Nullable WriteQueue queue;
    private @Nullable StreamCallback<?> shutdownCallback;
    private @Nullable PanpipeException shutdownError;
    private @Nullable ArrayDeque<Late> late;
    private @Nullable PanpipeException cancellation;
    private Shutdown shutdown = Shutdown.NONE;
    private long enqueued;
    private long written;
    private int inFlight;
    private boolean noted;
    private boolean blocked;
    private boolean holdsLoop;

    /** How far the half-close of the outgoing direction has come. */
    private enum Shutdown {
        NONE,
        ASKED,
        DONE,
        TOLD
    }

    private record Late(@Nullable StreamCallback<?> callback, PanpipeException error) {}

    StreamOutput(StreamState<?> stream) {
        this.stream = stream;
        this.loop = stream.loop();
    }

    long size() {
        return enqueued - written;
    }

    boolean isShutdown() {
        return shutdown != Shutdown.NONE;
    }

    boolean isInFlight() {
        return inFlight > 0;
    }

    Watermarks watermarks() {
        return watermarks;
    }

    /** Tells whether requests are pending, or done and not told. */
    boolean isBusy() {
        return holdsLoop;
    }

    // Writing.

    void write(ByteBuffer data) {
        int length = data.remaining();
        queue().add(data, data.position(), length, true);
        enqueued += length;
    }

    /** Ends a request that consists of what was written since the last. */
    boolean endRequest(@Nullable StreamCallback<?> callback) {
        requests.add(enqueued, callback);
        hold();
        sendSoon();
        return watermarks.grownTo(size());
    }

    /** Adds a request that came too late, after shutdown: it fails, but is told after those before it. */
    void addLate(@Nullable StreamCallback<?> callback, PanpipeException error) {
        if (late == null) {
            late = new ArrayDeque<>();
        }
        late.add(new Late(callback, error));
        hold();
        tellSoon();
    }

    /** Sends at once what it can of the data, which nothing may precede; returns how much. */
    int tryWrite(ByteBuffer data, boolean keepsBuffer) throws PanpipeException {
        sendNow();
        if (size() > 0) {
            throw PanpipeException.of(Fault.EAGAIN, "write", stream.name()).traced();
        }
        int length = keepsBuffer ? data.remaining() : Math.min(data.remaining(), LoopBuffers.READ_SIZE);
        queue().add(data, data.position(), length, keepsBuffer);
        enqueued += length;
        KernelException refused = attempt();
        long unsent = size() - inFlight;
        if (unsent > 0) {
            queue().removeLast(unsent);
            enqueued -= unsent;
        }
        stopWaiting();
        settle();
        if (refused != null) {
            throw PanpipeException.of(refused, stream.name()).traced();
        }
        if (unsent == length && length > 0) {
            throw PanpipeException.of(Fault.EAGAIN, "write", stream.name()).traced();
        }
        return (int) (length - unsent);
    }

    private WriteQueue queue() {
        WriteQueue present = queue;
        if (present == null) {
            present = loop.buffers().takeQueue();
            queue = present;
        }
        return present;
    }

    private void sendSoon() {
        if (!noted) {
            noted = true;
            loop.buffers().sendSoon(this);
        }
    }

    /** Sends what was noted by {@link #sendSoon}, unless the channel has to become writable first. */
    void sendNoted() {
        noted = false;
        if (!blocked) {
            sendNow();
        }
    }

    /** Sends what is queued, as far as the kernel takes it now. */
    void sendNow() {
        if (stream.isConnecting()) {
            return;
        }
        KernelException refused = attempt();
        if (refused != null) {
            fail(PanpipeException.of(refused, stream.name()));
        } else {
            settle();
        }
    }

    /** The channel is writable. */
    void ready() {
        blocked = false;
        sendNow();
        if (!blocked) {
            stopWaiting();
        }
    }

    private @Nullable KernelException attempt() {
        StreamChannel channel = stream.channelOrNull();
        Gather gather = loop.buffers().gather();
        try {
            for (int i = 0; i < ATTEMPTS && channel != null && inFlight == 0 && size() > 0; i++) {
                gather(gather);
                int result = channel.write(gather);
                if (result == StreamChannel.IN_FLIGHT) {
                    inFlight = gather.total();
                } else if (result == StreamChannel.WOULD_BLOCK) {
                    waitUntilWritable();
                    return null;
                } else {
                    remove(result);
                    if (result < gather.total()) {
                        // The kernel took a part: it has no room for the rest, and another attempt would only say so.
                        waitUntilWritable();
                        return null;
                    }
                }
            }
            if (size() > 0 && inFlight == 0 && channel != null) {
                waitUntilWritable();
            }
            return null;
        } catch (KernelException refused) {
            return refused;
        } finally {
            gather.clear();
        }
    }

    private void gather(Gather gather) throws KernelException {
        try {
            queue().gather(gather);
        } catch (IllegalStateException | WrongThreadException unreadable) {
            // A buffer over an arena that was closed, or confined to another thread, since it was given to write.
            throw new KernelException(Fault.EFAULT, 0, "write",
                    "a buffer given to write can no longer be read: " + unreadable.getMessage());
        }
    }

    private void remove(int bytes) {
        written += bytes;
        queue().remove(bytes);
        if (bytes > 0) {
            stream.touched();
        }
    }

    private void waitUntilWritable() throws KernelException {
        blocked = true;
        stream.addInterest(StreamChannel.WRITE);
    }

    private void stopWaiting() {
        if (size() == 0 || inFlight > 0) {
            blocked = false;
            stream.removeInterest(StreamChannel.WRITE);
        }
    }

    // What the kernel reports of bytes in flight.

    void landed(int bytes) {
        inFlight = 0;
        remove(bytes);
        requests.complete(written);
        if (cancellation != null) {
            fail(cancellation);
        } else {
            sendNow();
        }
    }

    void crashed(PanpipeException error) {
        inFlight = 0;
        fail(error);
    }

    // The end of things.

    /**
     * Fails all that is pending. Requests with bytes in flight wait for the kernel's report, because they may yet
     * succeed, and those behind them wait with them.
     */
    void fail(PanpipeException error) {
        long dropped = size() - inFlight;
        WriteQueue pieces = queue;
        if (pieces != null && dropped > 0) {
            pieces.removeLast(dropped);
        }
        enqueued -= dropped;
        if (inFlight > 0) {
            cancellation = error;
            return;
        }
        requests.fail(error);
        if (shutdown == Shutdown.ASKED) {
            shutdown = Shutdown.DONE;
            shutdownError = error;
        }
        stopWaiting();
        settle();
    }

    /** Closing: tries once more to send, and fails the rest. */
    void cancel(PanpipeException error) {
        sendNow();
        blocked = false;
        fail(error);
    }

    void shutdown(@Nullable StreamCallback<?> callback) {
        shutdown = Shutdown.ASKED;
        shutdownCallback = callback;
        hold();
        if (!stream.isConnecting()) {
            sendNow();
        }
    }

    /** Notes what is done by now, and hands on what waits for an empty queue. */
    private void settle() {
        requests.complete(written);
        boolean drained = watermarks.shrunkTo(size());
        if (size() == 0 && inFlight == 0) {
            giveBackQueue();
            if (shutdown == Shutdown.ASKED && requests.isAllDone() && stream.channelOrNull() != null) {
                finishShutdown();
            }
        }
        if (requests.done() > 0 || shutdown == Shutdown.DONE || drained) {
            tellSoon();
        } else {
            release();
        }
    }

    private void finishShutdown() {
        shutdown = Shutdown.DONE;
        try {
            stream.channel().shutdownOutput();
        } catch (KernelException refused) {
            shutdownError = PanpipeException.of(refused, stream.name());
        }
    }

    private void giveBackQueue() {
        WriteQueue empty = queue;
        if (empty != null) {
            queue = null;
            loop.buffers().giveBack(empty);
        }
    }

    private void hold() {
        if (!holdsLoop) {
            holdsLoop = true;
            loop.requests(1);
        }
    }

    private void release() {
        boolean pending = !requests.isEmpty()
                || shutdown == Shutdown.ASKED
                || shutdown == Shutdown.DONE
                || inFlight > 0
                || late != null && !late.isEmpty();
        if (holdsLoop && !pending) {
            holdsLoop = false;
            loop.requests(-1);
        }
    }

    private void tellSoon() {
        stream.completeSoon();
    }

    // Telling.

    /** Calls back for what is done, in order. */
    void tell() {
        for (int left = requests.done(); left > 0; left--) {
            StreamCallback<?> callback = requests.callback();
            PanpipeException error = requests.error();
            requests.removeTold();
            tell(callback, error);
        }
        requests.trim();
        if (shutdown == Shutdown.DONE && requests.isAllDone()) {
            shutdown = Shutdown.TOLD;
            StreamCallback<?> callback = shutdownCallback;
            shutdownCallback = null;
            tell(callback, shutdownError);
        }
        tellLate();
        watermarks.tell(stream);
        if (requests.done() == 0) {
            release();
        }
    }

    private void tellLate() {
        ArrayDeque<Late> waiting = late;
        if (waiting != null && shutdown != Shutdown.ASKED && requests.isEmpty()) {
            for (int left = waiting.size(); left > 0; left--) {
                Late request = waiting.remove();
                tell(request.callback, request.error);
            }
        }
    }

    private void tell(@Nullable StreamCallback<?> callback, @Nullable PanpipeException error) {
        if (callback != null) {
            stream.call(callback, error);
        } else if (error != null && error.code() != ErrorCode.ECANCELED) {
            loop.uncaught(error);
        }
    }
}
