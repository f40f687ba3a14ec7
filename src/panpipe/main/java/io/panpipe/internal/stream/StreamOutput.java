/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.events.FlightRecording;
import io.panpipe.internal.events.StallRecorder;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.loop.Chunk;
import io.panpipe.internal.loop.Due;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.FlightReport;
import io.panpipe.internal.loop.LoopBuffers;
import io.panpipe.internal.loop.LoopCore;
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
public final class StreamOutput extends LoopBuffers.Lent implements Due.Sender {

    private final LoopCore loop;
    private final OutgoingBytes bytes;
    private final RequestQueue requests;
    private final OutputWait wait;
    private final OpenEnd end = new OpenEnd();
    private @Nullable StreamCore borrower;
    private @Nullable Failure cancellation;
    private @Nullable StallRecorder stalls;
    private boolean noted;
    private boolean throwsAway;

    private StreamOutput(LoopCore loop) {
        this.loop = loop;
        bytes = new OutgoingBytes(loop);
        requests = new RequestQueue(loop);
        wait = new OutputWait(this, loop);
    }

    /** Returns an output for a stream that has something to send: one that was given back, or a new one. */
    static StreamOutput lentTo(StreamCore stream) {
        LoopBuffers.Lent free = stream.loop().buffers().borrow();
        StreamOutput lent = free == null ? new StreamOutput(stream.loop()) : (StreamOutput) free;
        lent.borrower = stream;
        lent.cancellation = null;
        lent.wait.progress();
        return lent;
    }

    private StreamCore stream() {
        StreamCore present = borrower;
        if (present == null) {
            throw new IllegalStateException("this output is not lent");
        }
        return present;
    }

    long size() {
        return bytes.size() + end.uncounted();
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

    /**
     * Writes data as one request, or nothing of it if that throws.
     *
     * @return whether the queue is below its high-water mark
     */
    boolean write(ByteBuffer data, @Nullable Object callback) {
        prepare(data.remaining());
        add(data);
        boolean isBelow = endRequest(callback);
        if (callback == null && isBelow) {
            openEnd();
        }
        return isBelow;
    }

    /**
     * Writes data without a callback, or nothing of it if that throws, where it is one of several small writes with nothing
     * between them.
     *
     * @return whether that was so; the queue is below its high-water mark then
     */
    boolean append(ByteBuffer data) {
        if (!end.isOpen()) {
            return false;
        }
        loop.checkThread();
        return end.append(data);
    }

    /**
     * Lets small writes without a callback follow the last one in short, whose turn to be sent comes together with it: until
     * anything else happens to this output or to its stream.
     */
    private void openEnd() {
        Chunk chunk = bytes.lastChunk();
        if (chunk != null && stream().watermarksOrNull() == null && loop.watch() == null) {
            end.open(chunk, Watermarks.DEFAULT_HIGH - 1 - bytes.size());
        }
    }

    /** Counts what was appended in short, and has the next write look at everything again. Before whatever happens. */
    void closeEnd() {
        if (end.isOpen()) {
            int appended = end.uncounted();
            end.close();
            if (appended > 0) {
                bytes.extend(appended);
                requests.extend(bytes.added());
            }
        }
    }

    /**
     * Writes data as one request and sends descriptors, which are this stream's from now on, with its first byte; or nothing
     * of it if that throws, and the descriptors stay the caller's.
     */
    boolean write(ByteBuffer data, HandleGroup descriptors, @Nullable Object callback) {
        prepare(data.remaining());
        long before = bytes.added();
        add(data);
        attach(descriptors, data.remaining(), before);
        return endRequest(callback);
    }

    /** Writes several buffers as one request, or none of them if one cannot be read. */
    boolean write(List<ByteBuffer> data, @Nullable Object callback) {
        long length = 0;
        for (ByteBuffer part : data) {
            length += part.remaining();
        }
        prepare(length);
        long before = bytes.added();
        try {
            for (ByteBuffer part : data) {
                add(part);
            }
        } catch (Throwable failed) {
            bytes.dropTo(before);
            throw failed;
        }
        return endRequest(callback);
    }

    /** Does beforehand all that may fail for want of memory, so that a request is added whole or not at all. */
    private void prepare(long length) {
        closeEnd();
        requests.reserve();
        sendSoon();
        if (size() + length >= Watermarks.DEFAULT_HIGH) {
            stream().watermarks();
        }
    }

    private void add(ByteBuffer data) {
        if (loop.buffers().isReadView(data) && data.hasRemaining() && sendsNext()) {
            bytes.addRead(data.position(), data.remaining());
        } else {
            bytes.add(data, data.remaining(), true);
        }
    }

    private void attach(HandleGroup descriptors, int length, long before) {
        try {
            bytes.attach(descriptors, length);
        } catch (Throwable failed) {
            bytes.dropTo(before);
            throw failed;
        }
    }

    private boolean endRequest(@Nullable Object callback) {
        requests.add(bytes.added(), callback);
        return size() < Watermarks.DEFAULT_HIGH && stream().watermarksOrNull() == null
                || stream().watermarks().grownTo(size());
    }

    /** Tells whether what is added now is offered to the system, and is not in flight, before the loop reads again. */
    private boolean sendsNext() {
        StreamChannel channel = stream().channelOrNull();
        boolean mayTry = size() == 0 && !wait.isBlocked() && channel != null && !stream().isConnecting();
        return mayTry && !channel.writesInFlight();
    }

    /**
     * Sends what a transfer has taken for this stream, which had nothing else to send.
     *
     * @return whether all of it has gone
     */
    boolean carry(Transfer holder, int length, Object callback) {
        closeEnd();
        StreamCore sender = stream();
        requests.reserve();
        bytes.carry(holder, length);
        requests.add(bytes.added(), callback);
        KernelException refused = attempt();
        if (refused != null) {
            breakOff(refused);
            return false;
        }
        settle();
        if (size() > 0) {
            sender.watermarks().filledTo(size());
        }
        return size() == 0;
    }

    /** Adds a request that came too late, after shutdown: it fails, but is told after those before it. */
    void addLate(@Nullable Object callback, Failure failure) {
        closeEnd();
        requests.addLate(callback, failure);
        if (!stream().isConnecting()) {
            requests.complete(bytes.written());
        }
        tellSoon();
    }

    /** Checks that nothing is queued, having tried to send it, and that this has not failed, which is told in a moment. */
    void checkEmpty() throws KernelException {
        StreamCore sender = stream();
        sendNow();
        if (sender.isWriteEnded()) {
            throw new KernelException(Fault.EPIPE, 0, "write");
        }
        if (size() > 0) {
            throw new KernelException(Fault.EAGAIN, 0, "write");
        }
    }

    /**
     * Sends at once what it can of the data, after {@link #checkEmpty}; returns how much.
     *
     * @param descriptors what is sent along, which is this queue's from now on and closed if that throws, or null
     */
    int tryWrite(ByteBuffer data, boolean keepsBuffer, @Nullable HandleGroup descriptors) throws KernelException {
        closeEnd();
        int length = keepsBuffer ? data.remaining() : Math.min(data.remaining(), LoopBuffers.READ_SIZE);
        long before = bytes.added();
        try {
            requests.reserve();
            bytes.add(data, length, keepsBuffer);
            if (descriptors != null) {
                attach(descriptors, length, before);
            }
        } catch (Throwable failed) {
            if (descriptors != null) {
                descriptors.close(false);
            }
            throw failed;
        }
        KernelException refused = attempt();
        long unsent = bytes.unsent();
        bytes.dropUnsent();
        if (bytes.isInFlight()) {
            // The caller has been told that they are written: the loop waits for that, and for the failure that it may be.
            requests.addTried(bytes.added());
        }
        stopWaiting();
        settle();
        if (refused != null && (unsent == length || length == 0)) {
            // The caller is here to hear what is the matter with the buffer.
            throwUnreadable();
            throw refused;
        }
        // Where a part has left before the trouble, that is what is told, and the next call meets the trouble.
        if (unsent == length && length > 0) {
            throw new KernelException(Fault.EAGAIN, 0, "write");
        }
        return (int) (length - unsent);
    }

    private void throwUnreadable() {
        switch (bytes.unreadable()) {
            case RuntimeException unreadable -> throw unreadable;
            case Error unreadable -> throw unreadable;
            case null, default -> {}
        }
    }

    private void sendSoon() {
        if (!noted) {
            loop.due().sendSoon(this);
            noted = true;
        }
    }

    /** Sends what was noted by {@link #sendSoon}, unless the channel has to become writable first. */
    @Override
    public void sendNoted() {
        closeEnd();
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
            breakOff(refused);
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

    /** Sends what the kernel takes now; returns why it refuses the rest for good, or null. Whatever goes wrong is told so. */
    private @Nullable KernelException attempt() {
        closeEnd();
        StreamChannel channel = stream().channelOrNull();
        long before = bytes.written();
        KernelException refusal = null;
        try {
            if (channel != null) {
                writeTo(channel);
            }
        } catch (KernelException refused) {
            refusal = refused;
        } catch (RuntimeException | Error thrown) {
            refusal = KernelException.of(thrown, "write");
        }
        try {
            bytes.keepRead();
        } catch (RuntimeException | Error thrown) {
            // The loop reads over it next, so that it cannot be sent any more.
            refusal = KernelException.of(thrown, "write");
        }
        if (bytes.written() > before) {
            wait.progress();
            stream().hasWritten(bytes.written() - before);
        }
        return refusal;
    }

    private void writeTo(StreamChannel channel) throws KernelException {
        try {
            if (bytes.writeTo(channel)) {
                wait.untilWritable(stream());
            } else {
                wait.end(stream());
            }
        } catch (KernelException refused) {
            if (!OutputWait.isPassing(refused)) {
                throw refused;
            }
            wait.untilLater(stream());
        }
    }

    private void stopWaiting() {
        if (bytes.unsent() == 0 || bytes.isInFlight()) {
            wait.end(stream());
        }
    }

    void landed(int count) {
        closeEnd();
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
        closeEnd();
        bytes.crashed();
        if (cancellation != null) {
            // Once the handle is closed, that is the reason, whatever has become of the other end since.
            fail(cancellation);
        } else if (OutputWait.isPassing(error)) {
            wait.untilLater(stream());
        } else {
            breakOff(error);
        }
    }

    /**
     * Ends the writing of a stream that the system refuses to write to, or of which a buffer cannot be read any more: what is
     * written after what has failed would follow on bytes that it was not to follow on. Only that a stream carries no
     * handles is no trouble of its bytes.
     */
    private void breakOff(KernelException refused) {
        StreamCore sender = stream();
        Failure failure = sender.failure(refused);
        boolean ends = refused.fault() != Fault.ENOTSUP;
        if (ends) {
            sender.writeFailed();
        }
        fail(failure);
        if (ends) {
            StreamTransfer.sinkFails(sender, failure);
        }
    }

    /**
     * Fails all that is pending. Requests with bytes in flight wait for the kernel's report, because they may yet
     * succeed, and those behind them wait with them.
     */
    void fail(Failure error) {
        closeEnd();
        // What left in the same attempt, before the trouble, is not part of it.
        requests.complete(bytes.written());
        bytes.dropUnsent();
        if (bytes.isInFlight()) {
            cancellation = error;
            return;
        }
        StreamCore sender = stream();
        long unclaimed = throwsAway ? requests.bytesUnclaimed(bytes.written()) : 0;
        throwsAway = false;
        requests.fail(error);
        stopWaiting();
        settle();
        if (unclaimed > 0) {
            loop.threwAway(sender, unclaimed);
        }
    }

    /** Fails what is in flight, too, of which no report will come. Its memory stays as it is: the kernel may still read it. */
    void abandon(Failure error) {
        closeEnd();
        bytes.abandon();
        requests.fail(error);
    }

    /** Closing: tries once more to send, and fails the rest. */
    void cancel(Failure error) {
        if (!stream().isConnecting()) {
            // What the system refuses now is cancelled like the rest; where the other end is gone, nothing was thrown away.
            KernelException refused = attempt();
            throwsAway = refused == null || refused.fault() != Fault.EPIPE && refused.fault() != Fault.ECONNRESET;
            requests.complete(bytes.written());
        } else {
            throwsAway = true;
        }
        fail(error);
    }

    void shutdown(@Nullable Object callback) {
        closeEnd();
        requests.addHalfClose(callback);
        if (!stream().isConnecting()) {
            sendNow();
        }
    }

    /** Asks for a half-close that the system does not have: it fails in its turn, and the stream stays writable. */
    void refuseShutdown(@Nullable Object callback) {
        closeEnd();
        Failure refusal = Failure.of(Fault.ENOTSUP, "shutdown", stream().name());
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
            requests.makeHalfClose(stream(), bytes.written());
        }
        if (requests.isUntold() || drained) {
            tellSoon();
        } else {
            giveBackIfDone();
        }
    }

    /** Reports handles that have left, and how long bytes wait while none of them leaves. */
    private void report() {
        int handlesSent = bytes.takeHandlesSent();
        if (handlesSent > 0) {
            FlightReport.sent(stream(), handlesSent);
        }
        if (stalls == null && size() > 0 && FlightRecording.isOn()) {
            stalls = new StallRecorder(FlightReport.number(stream().handle()));
        }
        if (stalls != null) {
            stalls.observe(FlightReport.printable(stream()), bytes.written(), size());
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

    private void giveBackIfDone() {
        if (!requests.letGo()) {
            return;
        }
        if (!noted && !requests.isTelling() && !isShutdown()) {
            StreamCore before = stream();
            stopWaiting();
            bytes.trim();
            // Nothing of a stream that may be closed by then stays in the loop's store.
            borrower = null;
            stalls = null;
            before.givenBack(this);
            loop.buffers().giveBack(this);
        }
    }

    private void tellSoon() {
        stream().completeSoon();
    }

    /** Calls back for what is done, in order. */
    void tell() {
        requests.tell(stream());
        giveBackIfDone();
    }
}
