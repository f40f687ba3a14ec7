/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.util.ArrayList;

/**
 * The outgoing direction of one pipe: overlapped writes, one for each piece, since WriteFile gathers nothing.
 *
 * <p>The kernel keeps the order of writes. What fits into the pipe's buffer is done when the call returns; the rest is in
 * flight until the reader has made room.
 */
final class PipeWriter implements Operation.Completion {

    /** What one round offers the kernel at the most: it holds unread bytes in memory that cannot be paged out. */
    static final int MOST_BYTES = 1 << 20;

    private final NamedPipeChannel channel;
    private final WindowsSelector selector;
    private final PipeHandle handle;
    private final ArrayList<Operation> flying = new ArrayList<>(1);
    private int landed;
    private int error;
    private boolean inFlight;

    PipeWriter(NamedPipeChannel channel, PipeHandle handle) {
        this.channel = channel;
        this.handle = handle;
        selector = channel.selector;
    }

    /** Tells whether bytes are in flight, or have landed and not been reported. */
    boolean isInFlight() {
        return inFlight;
    }

    /** Begins a round: pieces follow by {@link #add}. */
    void begin() {
        landed = 0;
        error = 0;
    }

    /**
     * Writes one piece behind those before it.
     *
     * @return false if the pipe takes no more: the rest is for another round
     */
    boolean add(long address, int length) {
        Operation started;
        try {
            started = handle.take(this);
        } catch (KernelException refused) {
            // Told at the end of the round, since pieces before this one may be in flight.
            error = refused.number();
            return false;
        }
        handle.begin(started, this);
        int result = WindowsCalls.writeFile(selector.state, handle.value, address, length, started.address);
        if (handle.goesOn(started, result)) {
            flying.add(started);
            return true;
        }
        if (result == 0) {
            landed += started.bytes();
        } else if (error == 0) {
            error = result;
        }
        boolean whole = result == 0 && started.bytes() == length;
        selector.operations.giveBack(started);
        return whole;
    }

    /** Writes the pieces of a gathered write, up to a length, behind those before it. */
    void add(Gather data, int length) {
        for (int i = 0, left = length; i < data.count() && left > 0; i++) {
            int bytes = Math.min(data.length(i), left);
            // Nothing is written of nothing: as a message it would be the end.
            if (bytes > 0 && !add(WindowsChannel.addressOf(data, i), bytes)) {
                return;
            }
            left -= bytes;
        }
    }

    /**
     * Ends a round.
     *
     * @return as {@link StreamChannel#write}
     */
    int end() throws KernelException {
        if (!flying.isEmpty()) {
            inFlight = true;
            return StreamChannel.IN_FLIGHT;
        }
        if (landed == 0 && error != 0) {
            throw WindowsErrors.writeFailure(error);
        }
        return landed == 0 ? Channel.WOULD_BLOCK : landed;
    }

    @Override
    public void completed(Operation operation) {
        flying.remove(operation);
        selector.operations.giveBack(operation);
        int status = operation.status();
        if (status >= 0) {
            landed += operation.bytes();
        } else if (error == 0) {
            error = PipeCalls.errorOf(selector.state, status);
        }
        if (flying.isEmpty()) {
            channel.landed();
        }
    }

    /** Cancels what is in flight; how it ended is reported all the same. */
    void cancel() {
        for (int i = 0; i < flying.size(); i++) {
            handle.cancel(flying.get(i));
        }
    }

    /** Tells whether a round in flight has ended and is to be reported. */
    boolean hasReport() {
        return inFlight && flying.isEmpty();
    }

    /** Returns how many bytes of a round have landed. */
    int landed() {
        return landed;
    }

    /** Forgets a round in flight that has ended; returns how many bytes of it have landed. */
    int endUnreported() {
        inFlight = false;
        return landed;
    }

    /**
     * Reports how a round in flight has ended.
     *
     * @param overhead bytes of the round that are not the stream's own
     */
    void report(ChannelListener listener, int overhead) {
        inFlight = false;
        int written = landed - overhead;
        if (written > 0) {
            // If a later piece has failed, the stream writes it anew and hears of it then.
            listener.written(written);
        } else if (handle.isClosed()) {
            listener.writeFailed(new KernelException(Fault.ECANCELED, error, "WriteFile"));
        } else if (error == WindowsErrors.OPERATION_ABORTED) {
            // Not by this end: whoever has the same pipe has cancelled all of it.
            listener.writeFailed(new KernelException(Fault.EIO, error, "WriteFile"));
        } else {
            listener.writeFailed(WindowsErrors.writeFailure(error));
        }
    }
}
