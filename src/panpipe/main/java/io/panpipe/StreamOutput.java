/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.events.FlightRecording;
import io.panpipe.internal.events.StallRecorder;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing direction of a stream: what is queued, in flight and done, and the half-close behind it.
 *
 * <p>Bytes leave the queue only when the kernel is done with them, so that everything that waits for a write — its
 * callback, shutdown, close — waits for bytes in flight as well. Nothing in here calls back: what is done is queued with
 * the loop, which tells it later.
 *
 * <p>A stream borrows one from its loop when it has something to send, and gives it back when it has not: idle connections
 * hold none, and busy ones find the same one in the processor's cache.
 */
final class StreamOutput implements Flushed {

    private final Loop loop;
    private final OutgoingBytes bytes;
    private final OutputRequests requests;
    private final OutputWait wait;
    private @Nullable StreamState<?> borrower;
    private @Nullable StreamOutput nextFree;
    private @Nullable PanpipeException cancellation;
    private @Nullable StallRecorder stalls;
    private boolean noted;

    StreamOutput(StreamState<?> stream) {
        borrower = stream;
        loop = stream.loop();
        bytes = new OutgoingBytes(loop);
        requests = new OutputRequests(loop);
        wait = new OutputWait(this, loop);
    }

    /** Lends this output, which has nothing to send, to a stream; returns the one below it in the loop's store. */
    @Nullable StreamOutput lendTo(StreamState<?> stream) {
        borrower = stream;
        cancellation = null;
        wait.progress();
        StreamOutput next = nextFree;
        nextFree = null;
        return next;
    }

    private StreamState<?> stream() {
        StreamState<?> present = borrower;
        if (present == null) {
            throw new IllegalStateException("this output is not lent");
        }
        return present;
    }

    long size() {
        return bytes.size();
    }

    boolean isShutdown() {
        return requests.isShutdown();
    }

    /** Tells whether nothing is queued and more may come. */
    boolean isIdle() {
        return size() == 0 && !isShutdown();
    }

    boolean isInFlight() {
        return bytes.isInFlight();
    }

    /** Tells whether something is pending, or done and not told. */
    boolean isBusy() {
        return requests.isBusy();
    }

    void write(ByteBuffer data) {
        if (loop.buffers().isReadView(data) && data.hasRemaining() && sendsNext()) {
            bytes.addRead(data.position(), data.remaining());
        } else {
            bytes.add(data, data.remaining(), true);
        }
    }

    /** Tells whether what is added now is offered to the system, and is not in flight, before the loop reads again. */
    private boolean sendsNext() {
        StreamChannel channel = stream().channelOrNull();
        boolean mayTry = size() == 0 && !wait.isBlocked() && channel != null && !stream().isConnecting();
        return mayTry && !channel.writesInFlight();
    }

    /** Writes data and sends descriptors, which are this stream's from now on, with its first byte. */
    void write(ByteBuffer data, HandleGroup descriptors) {
        try {
            write(data);
        } catch (RuntimeException unreadable) {
            descriptors.close();
            throw unreadable;
        }
        bytes.attach(descriptors, data.remaining());
    }

    /** Writes several buffers, or none of them if one cannot be read. */
    void write(List<ByteBuffer> data) {
        long before = bytes.added();
        try {
            data.forEach(this::write);
        } catch (RuntimeException unreadable) {
            bytes.dropTo(before);
            throw unreadable;
        }
    }

    /** Ends a request that consists of what was written since the last. */
    boolean endRequest(@Nullable StreamCallback<?> callback) {
        requests.add(bytes.added(), callback);
        sendSoon();
        return size() < Watermarks.DEFAULT_HIGH && stream().watermarksOrNull() == null
                || stream().watermarks().grownTo(size());
    }

    /**
     * Sends what a transfer has taken for this stream, which had nothing else to send.
     *
     * @return whether all of it has gone
     */
    boolean carry(Transfer holder, int length, StreamCallback<?> callback) {
        StreamState<?> sender = stream();
        bytes.carry(holder, length);
        requests.add(bytes.added(), callback);
        KernelException refused = attempt();
        if (refused != null) {
            breakOff(PanpipeException.of(refused, sender.name()));
            return false;
        }
        settle();
        if (size() > 0) {
            sender.watermarks().filledTo(size());
        }
        return size() == 0;
    }

    /** Adds a request that came too late, after shutdown: it fails, but is told after those before it. */
    void addLate(@Nullable StreamCallback<?> callback, PanpipeException error) {
        requests.addLate(callback, error);
        tellSoon();
    }

    /** Checks that nothing is queued, having tried to send it, and that this has not failed, which is told in a moment. */
    void checkEmpty() throws PanpipeException {
        StreamState<?> sender = stream();
        sendNow();
        if (sender.isWriteEnded()) {
            throw PanpipeException.of(Fault.EPIPE, "write", sender.name()).traced();
        }
        if (size() > 0) {
            throw PanpipeException.of(Fault.EAGAIN, "write", sender.name()).traced();
        }
    }

    /**
     * Sends at once what it can of the data, after {@link #checkEmpty}; returns how much.
     *
     * @param descriptors what is sent along, which is this queue's from now on, or null
     */
    int tryWrite(ByteBuffer data, boolean keepsBuffer, @Nullable HandleGroup descriptors) throws PanpipeException {
        int length = keepsBuffer ? data.remaining() : Math.min(data.remaining(), LoopBuffers.READ_SIZE);
        try {
            bytes.add(data, length, keepsBuffer);
        } catch (RuntimeException unreadable) {
            if (descriptors != null) {
                descriptors.close();
            }
            throw unreadable;
        }
        if (descriptors != null) {
            bytes.attach(descriptors, length);
        }
        KernelException refused = attempt();
        long unsent = bytes.unsent();
        bytes.dropUnsent();
        if (bytes.isInFlight()) {
            // The caller has been told that they are written: the loop waits for that, and for the failure that it may be.
            requests.addTried(bytes.added());
        }
        stopWaiting();
        String name = stream().name();
        settle();
        if (refused != null && (unsent == length || length == 0)) {
            throw PanpipeException.of(refused, name).traced();
        }
        // Where a part has left before the trouble, that is what is told, and the next call meets the trouble.
        if (unsent == length && length > 0) {
            throw PanpipeException.of(Fault.EAGAIN, "write", name).traced();
        }
        return (int) (length - unsent);
    }

    private void sendSoon() {
        if (!noted) {
            noted = true;
            loop.buffers().sendSoon(this);
        }
    }

    /** Sends what was noted by {@link #sendSoon}, unless the channel has to become writable first. */
    @Override
    public void sendNoted() {
        noted = false;
        if (!wait.isBlocked()) {
            sendNow();
        }
    }

    /** Sends what is queued, as far as the kernel takes it now. */
    void sendNow() {
        if (stream().isConnecting()) {
            return;
        }
        KernelException refused = attempt();
        if (refused != null) {
            breakOff(PanpipeException.of(refused, stream().name()));
        } else {
            settle();
        }
    }

    /** The channel is writable. */
    void ready() {
        if (wait.isForRoom()) {
            sendNow();
        }
    }

    private @Nullable KernelException attempt() {
        StreamChannel channel = stream().channelOrNull();
        long before = bytes.written();
        try {
            if (channel != null) {
                if (bytes.writeTo(channel)) {
                    wait.untilWritable(stream());
                } else {
                    wait.end(stream());
                }
            }
            return null;
        } catch (KernelException refused) {
            if (!OutputWait.isPassing(refused)) {
                return refused;
            }
            wait.untilLater(stream());
            return null;
        } finally {
            bytes.keepRead();
            if (bytes.written() > before) {
                wait.progress();
                stream().hasWritten(bytes.written() - before);
            }
        }
    }

    private void stopWaiting() {
        if (bytes.unsent() == 0 || bytes.isInFlight()) {
            wait.end(stream());
        }
    }

    void landed(int count) {
        bytes.landed(count);
        stream().hasWritten(count);
        requests.complete(bytes.written());
        if (cancellation != null) {
            fail(cancellation);
        } else {
            sendNow();
        }
    }

    void crashed(KernelException error) {
        bytes.crashed();
        if (cancellation != null) {
            // Once the handle is closed, that is the reason, whatever has become of the other end since.
            fail(cancellation);
        } else if (OutputWait.isPassing(error)) {
            wait.untilLater(stream());
        } else {
            breakOff(PanpipeException.of(error, stream().name()));
        }
    }

    /**
     * Ends the writing of a stream that the system refuses to write to: what is written after what has failed would follow
     * on bytes that it was not to follow on. Only that a stream carries no handles is no trouble of its bytes.
     */
    private void breakOff(PanpipeException error) {
        if (error.code() != ErrorCode.ENOTSUP) {
            stream().writeFailed();
        }
        fail(error);
    }

    /**
     * Fails all that is pending. Requests with bytes in flight wait for the kernel's report, because they may yet
     * succeed, and those behind them wait with them.
     */
    void fail(PanpipeException error) {
        // What left in the same attempt, before the trouble, is not part of it.
        requests.complete(bytes.written());
        bytes.dropUnsent();
        if (bytes.isInFlight()) {
            cancellation = error;
            return;
        }
        requests.fail(error);
        stopWaiting();
        settle();
    }

    /** Closing: tries once more to send, and fails the rest. */
    void cancel(PanpipeException error) {
        if (!stream().isConnecting()) {
            // What the system refuses now is cancelled like the rest.
            attempt();
            requests.complete(bytes.written());
        }
        fail(error);
    }

    void shutdown(@Nullable StreamCallback<?> callback) {
        requests.addHalfClose(callback);
        if (!stream().isConnecting()) {
            sendNow();
        }
    }

    /** Asks for a half-close that the system does not have: it fails in its turn, and the stream stays writable. */
    void refuseShutdown(@Nullable StreamCallback<?> callback) {
        PanpipeException refusal = PanpipeException.of(Fault.ENOTSUP, "shutdown", stream().name());
        requests.addRefused(bytes.added(), callback, refusal);
        sendSoon();
    }

    /** Notes what is done by now, and hands on what waits for an empty queue. */
    private void settle() {
        report();
        requests.complete(bytes.written());
        Watermarks watermarks = stream().watermarksOrNull();
        boolean drained = watermarks != null && watermarks.shrunkTo(size());
        if (size() == 0) {
            requests.makeHalfClose(stream());
        }
        if (requests.isUntold() || drained) {
            tellSoon();
        } else {
            release();
        }
    }

    /** Reports handles that have left, and how long bytes wait while none of them leaves. */
    private void report() {
        int handlesSent = bytes.takeHandlesSent();
        if (handlesSent > 0) {
            FlightReport.sent(stream(), handlesSent);
        }
        if (stalls == null && size() > 0 && FlightRecording.isOn()) {
            stalls = new StallRecorder(FlightReport.number(stream()));
        }
        if (stalls != null) {
            stalls.observe(PanpipeException.printable(stream().name()), bytes.written(), size());
        }
    }

    void describe(List<String> facts) {
        if (size() > 0) {
            String why = isInFlight() ? ", some in flight" : wait.isBlocked() ? ", no room for them" : "";
            facts.add(size() + " bytes queued" + why);
        }
        if (isBusy()) {
            facts.add("requests pending");
        }
        if (isShutdown()) {
            facts.add("shut down");
        }
    }

    private void release() {
        if (!requests.release()) {
            return;
        }
        if (!noted && !requests.isTelling() && !isShutdown()) {
            StreamState<?> lender = stream();
            stopWaiting();
            // Nothing of a stream that may be closed by then stays in the loop's store.
            borrower = null;
            stalls = null;
            nextFree = lender.giveBack(this);
        }
    }

    private void tellSoon() {
        stream().completeSoon();
    }

    /** Calls back for what is done, in order. */
    void tell() {
        requests.tell(stream());
        release();
    }
}
