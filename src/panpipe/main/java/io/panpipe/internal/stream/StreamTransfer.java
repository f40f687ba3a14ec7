/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.loop.Failure;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Copies one stream to another with back-pressure: stops reading at the sink's high-water mark, goes on at the low one.
 *
 * <p>Where the kernel can do it, and says that it pays, bytes are moved inside the kernel while nothing else waits to be
 * written to the sink. What the sink does not take of them at once is the first of its queue, and reading stops until no
 * more than the low-water mark is left.
 */
final class StreamTransfer {

    private final StreamCore source;
    private final StreamCore sink;
    private final @Nullable Object callback;
    private final Written written = new Written();
    private @Nullable Transfer inside;
    private boolean askedForInside;
    private boolean pays;
    private @Nullable StreamTransfer nextStopped;
    private boolean ended;
    private boolean finished;
    private boolean failureTold;
    private @Nullable Failure reason;

    /** Hears of what is written to the sink. */
    private final class Written extends Completion {

        @Override
        void done(@Nullable Failure failure) {
            if (failure != null) {
                sinkFailed(failure);
            }
        }

        @Override
        boolean isTold() {
            return callback != null && !finished;
        }
    }

    /** Hears that the end was passed on to the sink. */
    private final class EndPassed extends Completion {
        @Override
        void done(@Nullable Failure failure) {
            // What is no socket has no half-close; all is written, and the end is the sink's close.
            boolean hasNoHalfClose =
                    failure != null && (failure.fault() == Fault.ENOTSOCK || failure.fault() == Fault.ENOTSUP);
            finish(hasNoHalfClose ? null : failure);
        }

        @Override
        boolean isTold() {
            return written.isTold();
        }
    }

    private StreamTransfer(StreamCore source, StreamCore sink, @Nullable Object callback) {
        this.source = source;
        this.sink = sink;
        this.callback = callback;
    }

    static void start(StreamCore source, StreamCore sink, @Nullable Object callback)
            throws KernelException {
        if (sink.watermarks().transfer() != null) {
            throw new IllegalStateException("another stream is copied to " + sink + " already");
        }
        StreamTransfer transfer = new StreamTransfer(source, sink, callback);
        if (!transfer.sinkTakesNothing()) {
            source.beginRead(transfer);
        }
        source.transfer(transfer);
        sink.watermarks().transfer(transfer);
        source.loop().requests(1);
        if (transfer.sinkTakesNothing()) {
            transfer.endForShutdown();
        }
    }

    /** Tells whether what is read for the sink would be lost. */
    private boolean sinkTakesNothing() {
        return sink.isWriteEnded() || sink.isStream() && !sink.channel().writable();
    }

    /** Reads no more for a stream that is about to be shut down by somebody else: what comes waits for the next reader. */
    static void sinkShutsDown(StreamCore sink) {
        StreamTransfer ending = to(sink);
        if (ending != null && !ending.ended) {
            ending.endForShutdown();
        }
    }

    /** Reads no more for a stream whose writing has failed: what comes waits for the next reader. */
    static void sinkFails(StreamCore sink, Failure failure) {
        StreamTransfer ending = to(sink);
        if (ending != null && !ending.ended) {
            ending.reason = failure;
            ending.failureTold = true;
            ending.source.stopTransfer();
        }
    }

    private void endForShutdown() {
        reason = Failure.of(Fault.EPIPE, "pipeTo", sink.name());
        source.stopTransfer();
    }

    /** Takes what was read, or why reading has ended. */
    void read(@Nullable ByteBuffer data, @Nullable Failure failure) {
        if (data != null) {
            copy(data);
        } else if (failure != null && failure.fault() == Fault.EOF) {
            passEndOn();
        } else if (failure != null) {
            finish(failure);
        }
    }

    private void copy(ByteBuffer data) {
        try {
            consider(data.remaining());
            if (!sink.write(data, written)) {
                source.endRead();
            }
        } catch (RuntimeException | Error failed) {
            // There is no memory for what was read, which is lost: nothing may follow it.
            finish(Failure.of(failed, "pipeTo", sink.name()));
        }
    }

    /** Decides from what has just been read how to go on. */
    private void consider(int bytes) {
        if (!askedForInside && sink.isStream()) {
            askedForInside = true;
            inside = source.loop().selector().transfer(source.channel(), sink.channel());
        }
        Transfer transfer = inside;
        pays = transfer != null && transfer.pays(bytes);
    }

    /**
     * Moves what the source has inside the kernel, if that is a good way now.
     *
     * @return as {@link Transfer#take}; {@link Transfer#READ_INSTEAD} if it is not
     */
    int move() throws KernelException {
        Transfer transfer = inside;
        // A write that has failed is told in a moment; until then nothing may follow what it has lost.
        if (!pays || transfer == null || !sink.isStream() || sink.isWriteEnded()) {
            return Transfer.READ_INSTEAD;
        }
        StreamOutput output = sink.outputOrNull();
        if (output != null && !output.isIdle()) {
            return Transfer.READ_INSTEAD;
        }
        int taken = transfer.take();
        if (taken == Transfer.UNABLE) {
            inside = null;
            return Transfer.READ_INSTEAD;
        }
        if (taken > 0) {
            pays = transfer.pays(taken);
            sink.used();
            if (!sink.output().carry(transfer, taken, written)) {
                source.endRead();
            }
        }
        return taken;
    }

    private void passEndOn() {
        ended = true;
        sink.shutdown(new EndPassed());
    }

    /** The sink has room again. */
    void drained() {
        if (finished || ended || source.isClosing() || source.reader() != null) {
            return;
        }
        if (sink.isWriteEnded()) {
            finish(Failure.of(Fault.EPIPE, "pipeTo", sink.name()));
            return;
        }
        try {
            source.beginRead(this);
        } catch (KernelException refused) {
            finish(source.failure(refused));
        }
    }

    /** Stops at once; {@link #cancelled} follows. */
    void stop() {
        ended = true;
        leave();
    }

    /** Returns what copies another stream to this one, or null. */
    static @Nullable StreamTransfer to(StreamCore sink) {
        Watermarks marks = sink.watermarksOrNull();
        return marks == null ? null : marks.transfer();
    }

    /** Stops what is copied to a stream that could not connect. */
    static void sinkLost(StreamCore sink) {
        StreamTransfer lost = to(sink);
        // Where the sink is being closed, its close tells the copy, before its own callback.
        if (lost != null && !sink.isClosing()) {
            lost.source.stopTransfer();
        }
    }

    /** Reads no more for a stream that is being closed: what comes waits for the next reader. Its callback follows. */
    static void sinkCloses(StreamCore sink) {
        StreamTransfer ending = to(sink);
        if (ending != null) {
            ending.leaveOff();
        }
    }

    private void leaveOff() {
        ended = true;
        if (source.reader() == this) {
            source.endRead();
        }
    }

    /** Has a transfer of the same source that was stopped later told behind all that were stopped before it. */
    void stoppedBefore(StreamTransfer later) {
        StreamTransfer last = this;
        while (last.nextStopped != null) {
            last = last.nextStopped;
        }
        last.nextStopped = later;
    }

    /** Returns the one that was stopped after this one, or null. */
    @Nullable StreamTransfer nextStopped() {
        return nextStopped;
    }

    StreamCore sink() {
        return sink;
    }

    private void leave() {
        leaveOff();
        if (source.transfer() == this) {
            source.transfer(null);
        }
        if (sink.watermarks().transfer() == this) {
            sink.watermarks().transfer(null);
        }
    }

    /** One of the two was closed, the user has stopped the reading, or the sink was shut down. */
    void cancelled(String name) {
        finish(reason != null ? reason : Failure.of(Fault.ECANCELED, "pipeTo", name));
    }

    /** Tells the first failure of what was written; behind the transfer's end only the handler is left to hear it. */
    private void sinkFailed(Failure failure) {
        boolean late = finished && !failureTold && !failure.isCancellation();
        failureTold = true;
        if (late) {
            source.loop().unclaimed(failure);
        } else {
            finish(failure);
        }
    }

    private void finish(@Nullable Failure failure) {
        if (finished) {
            return;
        }
        finished = true;
        leave();
        source.loop().requests(-1);
        if (callback != null) {
            source.call(callback, failure);
        } else if (failure != null) {
            source.loop().unclaimed(failure);
        }
    }
}
