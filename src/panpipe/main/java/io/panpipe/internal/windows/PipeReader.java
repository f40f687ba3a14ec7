/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;

/**
 * The incoming direction of one pipe: a completion port tells of ended operations and not of readiness, so a read of no
 * bytes waits in the kernel, takes nothing, and ends when there is something to read.
 *
 * <p>While that probe is pending, there is nothing, and no other read is made: with two of them at once, and one
 * cancelled, Windows has been seen to hang (libuv #4738, #4784). Nor is a read made that might have to wait: only where
 * PeekNamedPipe has found something. A probe alone does not say so much, since a peer's write of no bytes ends it too.
 */
final class PipeReader implements FrameReader.Source {

    /** What is asked of the system. */
    interface Reads {

        /**
         * Begins the probe.
         *
         * @return ERROR_IO_PENDING if it goes on, and {@link PipeReader#probed} hears of its end; otherwise how it ended
         */
        int probe();

        /** Cancels the probe, whose end is reported all the same. */
        void cancelProbe();

        /**
         * Finds out how much is there.
         *
         * @return bytes, also 0, or {@link StreamChannel#END_OF_STREAM}
         */
        int available() throws KernelException;

        /**
         * Reads, where {@link #available} has found something, that and what has come since.
         *
         * @return as {@link StreamChannel#read}; 0 for a message of no bytes
         */
        int read(long into, int length) throws KernelException;
    }

    private enum State {
        /** Nobody has asked since the last read. */
        UNKNOWN,

        /** The probe is pending. */
        WAITING,

        /** The probe has ended, and nothing was read since. */
        ENDED,

        /** A message of no bytes has come, after which there are no more. */
        NO_MORE
    }

    private final Reads reads;
    private final MessageMode mode;
    private State state = State.UNKNOWN;
    private boolean discards;

    PipeReader(Reads reads, MessageMode mode) {
        this.reads = reads;
        this.mode = mode;
    }

    /** Tells whether there is something to read, if only an end or an error; otherwise the channel hears when there is. */
    boolean isReady() {
        if (state == State.UNKNOWN) {
            int error = reads.probe();
            state = error == WindowsErrors.IO_PENDING ? State.WAITING : after(error);
        }
        return state != State.WAITING;
    }

    /** Tells whether the probe is pending. */
    boolean isWaiting() {
        return state == State.WAITING;
    }

    /** The probe that was pending has ended. */
    void probed(int error) {
        state = after(error);
    }

    private State after(int error) {
        // Where messages are read one by one, a read of no bytes takes the message of none, and no other.
        return error == 0 && mode == MessageMode.MESSAGES ? State.NO_MORE : State.ENDED;
    }

    /**
     * Prepares for reading, before the pipe is closed, what is there and nobody wants: there will be no more probes, and
     * the one that is pending is withdrawn first.
     */
    void discard() {
        discards = true;
        if (state == State.WAITING) {
            reads.cancelProbe();
        }
    }

    @Override
    public int read(long into, int length) throws KernelException {
        if (state == State.NO_MORE) {
            return StreamChannel.END_OF_STREAM;
        }
        if (state == State.WAITING && !discards) {
            return StreamChannel.WOULD_BLOCK;
        }
        int there = reads.available();
        int result = there > 0 ? reads.read(into, length) : there;
        boolean isEmptyMessage = there > 0
                ? result == 0 && mode.hasMessages()
                : there == 0 && state == State.ENDED && mode == MessageMode.MESSAGES_AS_BYTES;
        if (isEmptyMessage) {
            state = State.NO_MORE;
            return StreamChannel.END_OF_STREAM;
        }
        if (state == State.ENDED) {
            state = State.UNKNOWN;
        }
        return result == 0 ? StreamChannel.WOULD_BLOCK : result;
    }
}
