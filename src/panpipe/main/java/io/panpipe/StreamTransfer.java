/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Transfer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Copies one stream to another with back-pressure: stops reading at the sink's high-water mark, goes on at the low one.
 *
 * <p>Where the kernel can do it, and says that it pays, bytes are moved inside the kernel while nothing else waits to be
 * written to the sink. What the sink does not take of them at once is the first of its queue, and reading stops until no
 * more than the low-water mark is left.
 */
final class StreamTransfer implements ReadCallback<Object> {

    private final StreamState<?> source;
    private final StreamHandle<?> sink;
    private final @Nullable StreamCallback<?> callback;
    private final Written written = new Written();
    private @Nullable Transfer inside;
    private boolean askedForInside;
    private boolean pays;
    private @Nullable StreamTransfer nextStopped;
    private boolean ended;
    private boolean finished;
    private boolean failureTold;
    private @Nullable PanpipeException reason;

    /** Hears of what is written to the sink. */
    final class Written implements StreamCallback<Object> {

        @Override
        public void call(Object stream, @Nullable PanpipeException error) {
            if (error != null) {
                sinkFailed(error);
            }
        }

        /** Tells whether the user hears of a failure. */
        boolean isTold() {
            return callback != null && !finished;
        }
    }

    private StreamTransfer(StreamState<?> source, StreamHandle<?> sink, @Nullable StreamCallback<?> callback) {
        this.source = source;
        this.sink = sink;
        this.callback = callback;
    }

    static void start(StreamState<?> source, StreamHandle<?> sink, @Nullable StreamCallback<?> callback)
            throws PanpipeException {
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
    static void sinkShutsDown(StreamState<?> sink) {
        StreamTransfer ending = to(sink);
        if (ending != null && !ending.ended) {
            ending.endForShutdown();
        }
    }

    /** Reads no more for a stream whose writing has failed: what comes waits for the next reader. */
    static void sinkFails(StreamState<?> sink, PanpipeException error) {
        StreamTransfer ending = to(sink);
        if (ending != null && !ending.ended) {
            ending.reason = error;
            ending.failureTold = true;
            ending.source.stopTransfer();
        }
    }

    private void endForShutdown() {
        reason = PanpipeException.of(Fault.EPIPE, "pipeTo", sink.name());
        source.stopTransfer();
    }

    @Override
    public void call(Object stream, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data != null) {
            copy(data);
        } else if (error != null && error.code() == ErrorCode.EOF) {
            passEndOn();
        } else if (error != null) {
            finish(error);
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
            finish(PanpipeException.of(failed, "pipeTo", sink.name()));
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
        sink.shutdown((stream, error) -> {
            // What is no socket has no half-close; all is written, and the end is the sink's close.
            boolean hasNoHalfClose = error != null
                    && (error.code() == ErrorCode.ENOTSOCK || error.code() == ErrorCode.ENOTSUP);
            finish(hasNoHalfClose ? null : error);
        });
    }

    /** The sink has room again. */
    void drained() {
        if (finished || ended || source.isClosing() || source.readCallback() != null) {
            return;
        }
        if (sink.isWriteEnded()) {
            finish(PanpipeException.of(Fault.EPIPE, "pipeTo", sink.name()));
            return;
        }
        try {
            source.beginRead(this);
        } catch (PanpipeException refused) {
            finish(refused);
        }
    }

    /** Stops at once; {@link #cancelled} follows. */
    void stop() {
        ended = true;
        leave();
    }

    /** Returns what copies another stream to this one, or null. */
    static @Nullable StreamTransfer to(StreamState<?> sink) {
        Watermarks marks = sink.watermarksOrNull();
        return marks == null ? null : marks.transfer();
    }

    /** Stops what is copied to a stream that could not connect. */
    static void sinkLost(StreamState<?> sink) {
        StreamTransfer lost = to(sink);
        // Where the sink is being closed, its close tells the copy, before its own callback.
        if (lost != null && !sink.isClosing()) {
            lost.source.stopTransfer();
        }
    }

    /** Reads no more for a stream that is being closed: what comes waits for the next reader. Its callback follows. */
    static void sinkCloses(StreamState<?> sink) {
        StreamTransfer ending = to(sink);
        if (ending != null) {
            ending.leaveOff();
        }
    }

    private void leaveOff() {
        ended = true;
        if (source.readCallback() == this) {
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

    StreamHandle<?> sink() {
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
        finish(reason != null ? reason : PanpipeException.of(Fault.ECANCELED, "pipeTo", name));
    }

    /** Tells the first failure of what was written; behind the transfer's end only the handler is left to hear it. */
    private void sinkFailed(PanpipeException error) {
        boolean late = finished && !failureTold && error.code() != ErrorCode.ECANCELED;
        failureTold = true;
        if (late) {
            source.loop().callbacks.unclaimed(error);
        } else {
            finish(error);
        }
    }

    private void finish(@Nullable PanpipeException error) {
        if (finished) {
            return;
        }
        finished = true;
        leave();
        source.loop().requests(-1);
        if (callback != null) {
            source.call(callback, error);
        } else if (error != null && error.code() != ErrorCode.ECANCELED) {
            source.loop().callbacks.unclaimed(error);
        }
    }
}
