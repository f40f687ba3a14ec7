/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.loop.ChannelCore;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.FlightReport;
import io.panpipe.internal.loop.LoopBuffers;
import io.panpipe.internal.loop.LoopCore;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The incoming direction of a stream: reads what is there, and who gets it; whether reading has to wait; the handles that come
 * with the bytes; and the copying to another stream that takes the reader's place.
 *
 * <p>It is a layer of the stream, and no part of its own like {@link StreamOutput}, because an idle connection reads as well,
 * and there may be ten thousand of them.
 */
public abstract class StreamInput extends ChannelCore {

    /** Reads per turn and stream, as in libuv, so that a fast writer starves nobody. */
    private static final int READS = 32;

    private final StreamFront front;
    /** The user's, or the {@link StreamTransfer} that copies what is read; null while nobody reads. */
    private @Nullable Object reader;

    private @Nullable StreamTransfer transfer;
    private @Nullable StreamTransfer stopped;
    private @Nullable PendingHandles pending;
    private boolean readFailed;

    StreamInput(LoopCore loop, Object handle, StreamFront front) {
        super(loop, handle);
        this.front = front;
    }

    /** Returns who calls the user back. */
    final StreamFront front() {
        return front;
    }

    @Override
    public final @Nullable StreamChannel channelOrNull() {
        return (StreamChannel) super.channelOrNull();
    }

    /** Returns the channel of a stream that must have one by now. */
    public final StreamChannel channel() {
        StreamChannel present = channelOrNull();
        if (present == null) {
            throw new IllegalStateException(this + " has no channel");
        }
        return present;
    }

    /** Tells whether the stream is connected. */
    public abstract boolean isStream();

    /** Notes that bytes have moved, or may from now on. */
    abstract void touched();

    /** Notes that so many bytes were read. */
    abstract void hasRead(int bytes);

    /** Checks that no channel has this stream, whose threads read it themselves. */
    public abstract void checkNotCallers();

    // Who reads.

    /** Returns who gets what is read, or null while nobody does. */
    final @Nullable Object reader() {
        return reader;
    }

    /** Starts reading for the user, who may read. */
    public final void startRead(Object callback) throws KernelException {
        checkReadable();
        beginRead(callback);
    }

    /** Stops reading, and ends copying to another stream as cancelled. */
    public final void stopRead() {
        if (!isClosing()) {
            checkNotCallers();
        }
        endRead();
        stopTransfer();
    }

    /** Checks that reading can begin. */
    final void checkReadable() {
        checkNotCallers();
        if (reader != null || transfer != null) {
            throw new IllegalStateException(this + " reads already: call stopRead first");
        }
        if (!isStream()) {
            throw new IllegalStateException(this + " is not connected: wait for the callback of connect, or accept");
        }
        if (!channel().readable()) {
            throw new IllegalStateException(this + " was opened for writing only");
        }
    }

    final void beginRead(Object next) throws KernelException {
        if (!isReadPaused()) {
            addInterest(Channel.READ);
        }
        reader = next;
        setActive(true);
        touched();
    }

    final void endRead() {
        if (reader != null) {
            reader = null;
            removeInterest(Channel.READ);
            setActive(false);
        }
    }

    final boolean hasReadFailed() {
        return readFailed;
    }

    @Override
    protected boolean isIdle() {
        return super.isIdle() && transfer == null && stopped == null;
    }

    // Reading.

    /** Reads what is there and calls back, piece by piece, as long as the reader wants. */
    final void inputReady() {
        Region region;
        try {
            region = loop().buffers().readRegion();
        } catch (OutOfMemoryError none) {
            failRead(none);
            return;
        }
        // Asked anew each time: the callback may have stopped reading, started with another one, or closed the handle.
        for (int i = 0; i < READS && wantsRead(); i++) {
            int result;
            boolean moved;
            try {
                result = moveInside();
                moved = result != Transfer.READ_INSTEAD;
                if (!moved) {
                    // In this frame: UnixCalls.recv says what a further one costs.
                    result = pending == null
                            ? channel().read(region, 0, LoopBuffers.READ_SIZE)
                            : readWithHandles(pending, region);
                }
            } catch (KernelException refused) {
                readFailed = true;
                endRead(failure(refused));
                return;
            } catch (RuntimeException | Error thrown) {
                failRead(thrown);
                return;
            }
            if (result == Channel.WOULD_BLOCK) {
                return;
            }
            if (result == StreamChannel.END_OF_STREAM) {
                endRead(Failure.of(Fault.EOF, "read", name()));
                return;
            }
            hasRead(result);
            if (!moved) {
                deliver(result);
            }
            if (pending != null && endsForHandles(pending)) {
                return;
            }
            if (result < LoopBuffers.READ_SIZE) {
                // There was no more. If there is by now, the selector says so: it is level-triggered.
                return;
            }
        }
    }

    private boolean wantsRead() {
        return reader != null && hasInterest(Channel.READ);
    }

    /** Lets a transfer move what is there without its being read. */
    private int moveInside() throws KernelException {
        StreamTransfer copying = transfer;
        return copying == null ? Transfer.READ_INSTEAD : copying.move();
    }

    private void deliver(int length) {
        Object told = reader;
        if (told instanceof StreamTransfer copying) {
            copy(copying, loop().buffers().readView(length), null);
        } else if (told != null) {
            front.read(this, told, loop().buffers().readView(length), null);
        }
    }

    private void copy(StreamTransfer copying, @Nullable ByteBuffer data, @Nullable Failure failure) {
        try {
            copying.read(data, failure);
        } catch (Throwable thrown) {
            loop().uncaught(thrown);
        }
        loop().sendWritten();
    }

    /** Ends the reading for something that is not the system's refusal: what is there would be reported again and again. */
    private void failRead(Throwable thrown) {
        readFailed = true;
        endRead(Failure.of(thrown, "read", name()));
    }

    /** Ends the reading, and tells the reader. */
    private void endRead(Failure why) {
        Object told = reader;
        // Before the call, so that reading may be started again inside it.
        endRead();
        if (told instanceof StreamTransfer copying) {
            copy(copying, null, why);
        } else if (told != null) {
            front.read(this, told, null, why);
        }
    }

    // Handles that come with the bytes.

    /** Makes this a stream that carries handles, before it has a channel. */
    public final void carryHandles() {
        pending = new PendingHandles(loop().selector());
    }

    /** Returns the handles that have come, or null where none can come. */
    public final @Nullable PendingHandles pendingHandles() {
        return pending;
    }

    final boolean hasPendingHandles() {
        return pending != null && pending.count() > 0;
    }

    private int readWithHandles(PendingHandles received, Region into) throws KernelException {
        HandleInbox inbox = loop().buffers().inbox();
        int result = ((PipeChannel) channel()).readWithHandles(into, 0, LoopBuffers.READ_SIZE, inbox);
        received.take(inbox);
        FlightReport.received(this, inbox);
        return result;
    }

    /** Stops the reading while too many handles wait, and ends it where some were lost; tells whether that is so. */
    private boolean endsForHandles(PendingHandles waiting) {
        if (waiting.takeLost()) {
            Failure lost = Failure.of(new KernelException(Fault.EMFILE, 0, "recvmsg",
                    "handles that came with the last data were lost: this process had no descriptor left for them"), name());
            loop().warn(loop().front().shown(lost).getMessage());
            if (!isClosing()) {
                endRead(lost);
                return true;
            }
        } else if (waiting.isFull()) {
            removeInterest(Channel.READ);
        }
        return false;
    }

    /** Tells whether reading has to wait until something that was read is taken. */
    final boolean isReadPaused() {
        return pending != null && pending.isFull();
    }

    /** The first of the handles that have come has another owner: that cannot be undone, and so nothing is thrown. */
    public final void handleTaken(PendingHandles waiting) {
        waiting.remove();
        try {
            pauseOrResumeRead();
        } catch (KernelException refused) {
            endReadSoon(failure(refused));
        } catch (RuntimeException | Error thrown) {
            endReadSoon(Failure.of(thrown, "accept", name()));
        }
    }

    private void pauseOrResumeRead() throws KernelException {
        if (isReadPaused()) {
            removeInterest(Channel.READ);
        } else if (reader != null) {
            addInterest(Channel.READ);
        }
    }

    /** Ends the reading by a task: whoever accepts is not called back inside that call. */
    private void endReadSoon(Failure trouble) {
        try {
            loop().execute(() -> endRead(trouble));
        } catch (RejectedExecutionException closing) {
            // It ends with the loop.
        }
    }

    /** Closes descriptors that came with the stream and were not accepted. */
    final void releaseHandles() {
        PendingHandles unaccepted = pending;
        if (unaccepted != null && unaccepted.count() > 0) {
            int count = unaccepted.count();
            unaccepted.closeAll();
            loop().warn(this + " is closed, and with it received handles that nobody has accepted: " + count);
        }
    }

    @Override
    protected final @Nullable Runnable rest() {
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

    // Copying to another stream.

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

    /** Calls back for transfers that {@link #stopRead} has ended. */
    final void tellStopped() {
        for (StreamTransfer ended = stopped; ended != null; ended = stopped) {
            stopped = ended.nextStopped();
            ended.cancelled(name());
        }
    }

    // In words.

    final void describeReading(List<String> facts) {
        if (transfer != null) {
            facts.add("copied to " + transfer.sink());
        }
        if (isReadPaused()) {
            facts.add("reading is paused until received handles are accepted");
        } else if (reader != null) {
            facts.add("reading");
        } else if (readFailed) {
            facts.add("reading has failed");
        } else {
            facts.add("not reading");
        }
        if (hasPendingHandles()) {
            facts.add("received handles wait to be accepted");
        }
    }
}
