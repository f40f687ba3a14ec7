/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.CallerStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a thread is blocked with in poll(2), and woken by: a second descriptor beside the one that it waits for. */
public abstract class CallerWaker {

    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int SIZE = (int) UnixLayouts.POLLFD.byteSize();

    /** Where calls leave errno: of the thread that is blocked, and of those that wake it, one after the other. */
    protected final CallState state = new CallState();

    private final int descriptor;
    private final CallState pollState = new CallState();
    private final MemorySegment memory = Arena.ofAuto().allocate(SIZE * 2L, 8);
    private final ByteBuffer polled = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    private boolean inUse;
    private boolean woken;

    /** Makes one, which is woken by what can be read from a descriptor. */
    protected CallerWaker(int descriptor) {
        this.descriptor = descriptor;
        polled.putInt(SIZE, descriptor).putShort(SIZE + (int) UnixLayouts.POLL_EVENTS, POLLIN);
    }

    /** Makes the descriptor readable. */
    protected abstract void signal(int descriptor);

    /** Makes it unreadable again. */
    protected abstract void reset(int descriptor);

    /** Closes it. */
    public final void close() {
        UnixCalls.close(state, descriptor);
    }

    final void begin() {
        synchronized (this) {
            inUse = true;
        }
    }

    /** The thread does not block any more, and nobody wakes it; whoever did has made the descriptor readable for nothing. */
    final void end() {
        synchronized (this) {
            inUse = false;
            forget();
        }
    }

    private void forget() {
        synchronized (this) {
            if (woken) {
                woken = false;
                reset(descriptor);
            }
        }
    }

    final void wake() {
        synchronized (this) {
            if (inUse && !woken) {
                woken = true;
                signal(descriptor);
            }
        }
    }

    /**
     * Blocks. That the thread was woken is forgotten with that: whoever wakes it says why before, so that it finds the reason
     * when it looks again; one that was woken by mistake, or for what the descriptor's last thread waited for, blocks again.
     *
     * @return {@link CallerStream#READY} if the descriptor is ready, or in trouble, which the next call meets; {@link
     *     CallerStream#WOKEN}; or {@link CallerStream#UNABLE} where the system refuses to wait
     */
    final int block(int fd, boolean input, long nanos) {
        polled.putInt(0, fd).putShort((int) UnixLayouts.POLL_EVENTS, input ? POLLIN : POLLOUT);
        polled.putShort((int) UnixLayouts.POLL_REVENTS, (short) 0);
        int millis = nanos == 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        int ready = UnixCalls.poll(pollState, memory.address(), 2, millis);
        if (ready <= 0) {
            // ENOMEM, or EINVAL where a process may have one descriptor: it would refuse the next wait as well, at once.
            return ready == 0 ? CallerStream.WOKEN : CallerStream.UNABLE;
        }
        if (polled.getShort(SIZE + (int) UnixLayouts.POLL_REVENTS) != 0) {
            forget();
        }
        return polled.getShort((int) UnixLayouts.POLL_REVENTS) != 0 ? CallerStream.READY : CallerStream.WOKEN;
    }
}
