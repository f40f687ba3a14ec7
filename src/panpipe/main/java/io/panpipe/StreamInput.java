/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * The incoming direction of a stream: who gets what is read, whether reading has to wait, and the copying to another
 * stream that takes the reader's place.
 *
 * <p>It is a layer of the handle, and no object of its own like {@link StreamOutput}, because an idle connection reads
 * as well, and there may be ten thousand of them.
 */
abstract class StreamInput<S extends StreamHandle<S>> extends DescriptorHandle {

    private @Nullable ReadCallback<? super S> readCallback;
    private @Nullable StreamTransfer transfer;
    private @Nullable StreamTransfer stopped;
    private boolean readFailed;

    StreamInput(Loop loop) {
        super(loop);
    }

    /** Returns the channel of a stream that must have one by now. */
    abstract StreamChannel channel();

    /** Tells whether the stream is connected. */
    abstract boolean isStream();

    /** Notes that bytes have moved, or may from now on. */
    abstract void touched();

    final @Nullable ReadCallback<? super S> readCallback() {
        return readCallback;
    }

    /** Checks that no channel has this stream, whose threads read it themselves. */
    abstract void checkNotCallers();

    /** Checks that reading can begin. */
    final void checkReadable() {
        checkNotCallers();
        if (readCallback != null || transfer != null) {
            throw new IllegalStateException(this + " reads already: call stopRead first");
        }
        if (!isStream()) {
            throw new IllegalStateException(this + " is not connected: wait for the callback of connect, or accept");
        }
        if (!channel().readable()) {
            throw new IllegalStateException(this + " was opened for writing only");
        }
    }

    final void beginRead(ReadCallback<? super S> callback) throws PanpipeException {
        try {
            if (!isReadPaused()) {
                addInterest(StreamChannel.READ);
            }
        } catch (KernelException refused) {
            throw failure(refused).traced();
        }
        readCallback = callback;
        setActive(true);
        touched();
    }

    final void endRead() {
        if (readCallback != null) {
            readCallback = null;
            removeInterest(StreamChannel.READ);
            setActive(false);
        }
    }

    /** Tells whether another read is wanted now. */
    final boolean wantsRead() {
        return readCallback != null && hasInterest(StreamChannel.READ);
    }

    /** Reads what is there. */
    int read(Region into) throws KernelException {
        return channel().read(into, 0, LoopBuffers.READ_SIZE);
    }

    /** Returns what is to be told after the data that was just delivered, or null. */
    @Nullable PanpipeException troubleWithRead() {
        return null;
    }

    final void readFailed() {
        readFailed = true;
    }

    final boolean hasReadFailed() {
        return readFailed;
    }

    /** Tells whether reading has to wait until something that was read is taken. */
    boolean isReadPaused() {
        return false;
    }

    /** Stops watching for data while {@link #isReadPaused}, and goes on afterwards. */
    final void pauseOrResumeRead() throws KernelException {
        if (isReadPaused()) {
            removeInterest(StreamChannel.READ);
        } else if (readCallback != null) {
            addInterest(StreamChannel.READ);
        }
    }

    // Copying to another stream.

    /** Checks that copying the bytes copies all there is. */
    void checkMayTransfer() {}

    @Override
    boolean isIdle() {
        return super.isIdle() && transfer == null && stopped == null;
    }

    final @Nullable StreamTransfer transfer() {
        return transfer;
    }

    final void transfer(@Nullable StreamTransfer copying) {
        transfer = copying;
    }

    /** Ends a transfer from this stream at once, and calls back for it later. */
    final void stopTransfer() {
        StreamTransfer ended = transfer;
        if (ended != null) {
            ended.stop();
            StreamTransfer before = stopped;
            if (before == null) {
                stopped = ended;
            } else {
                before.stoppedBefore(ended);
            }
            completeSoon();
        }
    }

    /** Calls back for transfers that {@link StreamHandle#stopRead} has ended. */
    final void tellStopped() {
        for (StreamTransfer ended = stopped; ended != null; ended = stopped) {
            stopped = ended.nextStopped();
            ended.cancelled(name());
        }
    }
}
