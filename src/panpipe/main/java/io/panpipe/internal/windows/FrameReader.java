/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Takes the frames of an IPC pipe apart, as far as they have come: a frame may arrive in pieces of any size, and the loop
 * waits for none of them.
 */
final class FrameReader {

    /** Frames without data that one read passes over; a peer that sends more of them does not hold the loop. */
    private static final int MOST_EMPTY = 32;

    /** A closing end reads so much at the most: the peer might go on sending. */
    private static final int MOST_DISCARDED = 8 << 20;

    /** Where the bytes come from. */
    interface Source {

        /**
         * Reads what is there.
         *
         * @return as {@link StreamChannel#read}
         */
        int read(long into, int length) throws KernelException;
    }

    /** The connection, as far as what comes over it can be this process's own. */
    interface Recipient {

        /**
         * Checks that the other end can have put handles into this process. One that cannot may only name handles that
         * are this process's own, to have them closed or used.
         *
         * @param announced the process that it says it is, or 0
         */
        void checkMayGiveHandles(int announced) throws KernelException;

        /** Closes a socket that has come, of which {@code information} is the address of what the other end says. */
        void refuseSocket(long information) throws KernelException;

        /** Closes a handle that nobody gets any more. */
        void closeUndelivered(long received);
    }

    private final Recipient recipient;
    private final Source source;
    private final MemorySegment buffer;
    private int filled;
    private int flags;
    private int handleCount;
    private long payload;
    private @Nullable KernelException failure;
    private boolean inPrefix;
    private boolean deliversHandles;
    private final boolean isOpenedAnew;
    private boolean peerKnown;
    private boolean peerTakesHandles;
    private boolean processFollows;
    private boolean answerDue;
    private boolean passedOver;
    private int peerProcess;

    /**
     * Begins to read frames.
     *
     * @param isOpenedAnew whether someone else may have read the other end's announcement, and frames behind it
     */
    FrameReader(Recipient recipient, Source source, MemorySegment buffer, boolean isOpenedAnew) {
        this.isOpenedAnew = isOpenedAnew;
        this.recipient = recipient;
        this.source = source;
        this.buffer = buffer;
    }

    /** Returns the memory that headers are read into. */
    MemorySegment buffer() {
        return buffer;
    }

    /** Tells whether the first frame has come, and so what the other end understands. */
    boolean isPeerKnown() {
        return peerKnown;
    }

    boolean peerTakesHandles() {
        return peerTakesHandles;
    }

    /** Returns the process that the other end has announced. */
    int peerProcess() {
        return peerProcess;
    }

    /** Tells, once, whether the other end is to be told again what this one understands. */
    boolean takeAnswerDue() {
        boolean was = answerDue;
        answerDue = false;
        return was;
    }

    /**
     * Reads the first headers as far as they are there by now, and nothing behind them.
     *
     * @return 1 when the other end is known, otherwise as {@link StreamChannel#read}
     */
    int meetPeer() throws KernelException {
        throwFailure();
        for (int frames = 0; frames < MOST_EMPTY && !peerKnown && !inPrefix && payload == 0; frames++) {
            int result = fill(Frames.HEADER_BYTES);
            if (result <= 0) {
                return result;
            }
            beginFrame();
        }
        return peerKnown ? 1 : StreamChannel.WOULD_BLOCK;
    }

    private void throwFailure() throws KernelException {
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Reads data, and the handles that came with its first byte.
     *
     * @return as {@link StreamChannel#read}
     */
    int read(long into, int length, HandleInbox inbox) throws KernelException {
        throwFailure();
        passedOver = false;
        for (int frames = 0; frames < MOST_EMPTY; ) {
            if (inPrefix) {
                int result = fill(prefixBytes());
                if (result <= 0) {
                    return result;
                }
                endPrefix();
            } else if (payload > 0) {
                return readPayload(into, length, inbox);
            } else {
                int result = fill(Frames.HEADER_BYTES);
                if (result <= 0) {
                    return result;
                }
                beginFrame();
                frames++;
            }
        }
        passedOver = true;
        return StreamChannel.WOULD_BLOCK;
    }

    private int readPayload(long into, int length, HandleInbox inbox) throws KernelException {
        int result = source.read(into, (int) Math.min(length, payload));
        if (result == StreamChannel.END_OF_STREAM) {
            throw cutShort();
        }
        if (result > 0) {
            payload -= result;
            if (deliversHandles) {
                deliversHandles = false;
                addHandles(inbox);
            }
        }
        return result;
    }

    /**
     * Fills the buffer up to a length.
     *
     * @return 1 when it is full, otherwise as {@link StreamChannel#read}
     */
    private int fill(int wanted) throws KernelException {
        while (filled < wanted) {
            int result = source.read(buffer.address() + filled, wanted - filled);
            if (result == StreamChannel.END_OF_STREAM && (filled > 0 || inPrefix)) {
                throw cutShort();
            }
            if (result <= 0) {
                return result;
            }
            filled += result;
        }
        return 1;
    }

    private static KernelException cutShort() {
        return new KernelException(Fault.ECONNRESET, 0, "ReadFile", "the other end is gone in the middle of a frame");
    }

    private void beginFrame() throws KernelException {
        filled = 0;
        flags = buffer.get(ValueLayout.JAVA_INT, Frames.FLAGS);
        meet(buffer.get(ValueLayout.JAVA_INT, Frames.ANNOUNCED));
        long length = Integer.toUnsignedLong(buffer.get(ValueLayout.JAVA_INT, Frames.DATA_LENGTH));
        handleCount = buffer.get(ValueLayout.JAVA_INT, Frames.HANDLE_COUNT);
        boolean hasHandles = (flags & Frames.HAS_HANDLES) != 0;
        int known = Frames.HAS_DATA | Frames.HAS_SOCKET | Frames.SOCKET_IS_CONNECTION
                | (peerTakesHandles ? Frames.HAS_HANDLES : 0);
        boolean valid = (flags & ~known) == 0
                && ((flags & Frames.HAS_DATA) != 0 || length == 0)
                && (hasHandles
                        ? length > 0 && handleCount > 0 && handleCount <= Selector.MOST_HANDLES
                                && (flags & Frames.HAS_SOCKET) == 0
                        : handleCount == 0);
        if (!valid) {
            // Where the next frame begins is not known either.
            failure = new KernelException(Fault.EPROTO, 0, "ReadFile",
                    "what came is no frame of an IPC pipe: both ends have to be made for handles");
            throw failure;
        }
        payload = length;
        inPrefix = hasHandles || (flags & Frames.HAS_SOCKET) != 0;
    }

    /** Takes what a header says of the other end. */
    private void meet(int announced) {
        if (processFollows) {
            processFollows = false;
            peerProcess = announced;
            peerKnown = true;
        } else if (flags == 0 && (announced == Frames.ANNOUNCEMENT || announced == Frames.ANSWER)) {
            answerDue |= announced == Frames.ANNOUNCEMENT && (peerKnown || isOpenedAnew);
            peerTakesHandles = true;
            processFollows = true;
        } else if (!isOpenedAnew) {
            peerKnown = true;
        }
    }

    private int prefixBytes() {
        return (flags & Frames.HAS_SOCKET) != 0 ? Frames.SOCKET_BYTES : handleCount * Frames.HANDLE_BYTES;
    }

    private void endPrefix() throws KernelException {
        inPrefix = false;
        filled = 0;
        recipient.checkMayGiveHandles(peerTakesHandles ? peerProcess : 0);
        if ((flags & Frames.HAS_SOCKET) != 0) {
            recipient.refuseSocket(buffer.address());
            throw new KernelException(Fault.ENOTSUP, 0, "WSASocket",
                    "the other end has sent a TCP socket, which was closed: Panpipe has no TCP on Windows yet");
        }
        deliversHandles = true;
    }

    private void addHandles(HandleInbox inbox) {
        for (int i = 0; i < handleCount; i++) {
            inbox.add(buffer.get(ValueLayout.JAVA_LONG, (long) i * Frames.HANDLE_BYTES));
        }
    }

    /** Tells whether a part of a frame has been read, and another part not. */
    boolean isInsideFrame() {
        return filled > 0 || inPrefix || payload > 0;
    }

    /**
     * Closes the handles that are under way to here: they are this process's already, whether their frames were read or
     * not.
     *
     * @param scratch memory for data that nobody wants
     */
    void discard(MemorySegment scratch) {
        HandleInbox undelivered = new HandleInbox();
        int total = 0;
        while (total < MOST_DISCARDED) {
            try {
                int result = read(scratch.address(), (int) scratch.byteSize(), undelivered);
                if (result <= 0 && !passedOver) {
                    break;
                }
                total += Math.max(result, MOST_EMPTY * Frames.HEADER_BYTES);
            } catch (KernelException refused) {
                // A socket, behind which reading goes on; or the end of what can be understood.
                if (refused.fault() != Fault.ENOTSUP) {
                    break;
                }
                total += Frames.SOCKET_BYTES;
            }
        }
        if (deliversHandles) {
            deliversHandles = false;
            addHandles(undelivered);
        }
        for (int i = 0; i < undelivered.count(); i++) {
            recipient.closeUndelivered(undelivered.descriptor(i));
        }
    }
}
