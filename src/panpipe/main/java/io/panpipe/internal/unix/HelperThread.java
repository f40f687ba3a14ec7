/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.InternalThreads;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One direction of a blocking descriptor: does one read or write at a time for a loop, which never waits for it.
 *
 * <p>It waits before each call, and writes at most PIPE_BUF bytes at once, which a pipe that is writable takes whole.
 * So it blocks inside the call itself only where another process takes the bytes or the room first, and where a terminal has
 * less room than that. Closing the channel ends that wait, and by a signal that inside the call.
 */
final class HelperThread implements Runnable {

    /** What {@link #result} says when the channel was closed before the work was done. */
    static final int CANCELLED = Integer.MIN_VALUE;

    private static final int AGAIN = Integer.MIN_VALUE + 1;
    private static final long PAUSE_NANOS = 1_000_000;

    private static final int BUFFER = 64 * 1024;
    private static final int IDLE = 0;
    private static final int WORKING = 1;
    private static final int DONE = 2;

    private final Shared shared;
    private final CallState state = new CallState();
    private final Interruption interruption;
    private final DescriptorWait wait;
    private final int pipeBuf;
    private final Thread thread;
    private MemorySegment buffer = MemorySegment.NULL;
    private long[] addresses = {};
    private int[] lengths = {};
    private boolean writing;
    private int result;
    private int consumed;

    /**
     * Made WORKING by the loop's thread, which hands over what is to be done by that; made DONE by the helper's, which hands back
     * the result.
     */
    private volatile int phase = IDLE;

    HelperThread(Shared shared, String direction) {
        this.shared = shared;
        interruption = new Interruption(shared.selector.system);
        wait = shared.selector.system.newWait();
        pipeBuf = shared.selector.system.numbers().pipeBuf();
        thread = InternalThreads.daemon("panpipe-" + direction + "-fd-" + shared.fd, this);
        shared.users.incrementAndGet();
        try {
            thread.start();
        } catch (Throwable refused) {
            shared.users.decrementAndGet();
            throw refused;
        }
    }

    boolean isIdle() {
        return phase == IDLE;
    }

    boolean isDone() {
        return phase == DONE;
    }

    int result() {
        return result;
    }

    /** Takes the result; the thread is idle again. */
    int take() {
        phase = IDLE;
        return result;
    }

    /** Asks for one read into this thread's buffer. */
    void read() {
        if (buffer.byteSize() == 0) {
            buffer = Arena.ofAuto().allocate(BUFFER);
        }
        writing = false;
        consumed = 0;
        begin();
    }

    /** Asks for one write of all the pieces, whose memory stays as it is until the result has been taken. */
    void write(Gather data) {
        addresses = new long[data.count()];
        lengths = new int[data.count()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = Scratch.addressOf(data, i);
            lengths[i] = data.length(i);
        }
        writing = true;
        begin();
    }

    private void begin() {
        phase = WORKING;
        wake();
    }

    /** Has an idle thread look whether there is work, or an end. */
    void wake() {
        LockSupport.unpark(thread);
    }

    /** Ends a call that this thread is in, after {@link Shared#cancel}; called by the loop's thread. */
    void endCall() {
        interruption.end(shared.selector.state, shared.fd);
    }

    /** Hands out what was read; once all of it is, the thread is idle. */
    int copyTo(Region into, int offset, int length) {
        int bytes = Math.min(length, result - consumed);
        into.bytes().put(offset, buffer.asByteBuffer(), consumed, bytes);
        consumed += bytes;
        if (consumed == result) {
            phase = IDLE;
        }
        return bytes;
    }

    @Override
    public void run() {
        interruption.prepare(state);
        while (!shared.cancelled) {
            if (phase == WORKING) {
                result = writing ? writePieces() : readOnce();
                phase = DONE;
                shared.selector.wakeup();
            } else {
                LockSupport.park(this);
                // Somebody else's interrupt, which means nothing here, would not let it sleep again.
                Thread.interrupted();
            }
        }
        if (phase == WORKING) {
            result = CANCELLED;
            phase = DONE;
            shared.selector.wakeup();
        }
        shared.release();
    }

    private int readOnce() {
        while (true) {
            int result = await();
            if (result == 0) {
                result = call(false, buffer.address(), BUFFER);
            }
            if (result != AGAIN) {
                return result;
            }
        }
    }

    /** Makes one call, or {@link #AGAIN} where it has done nothing and may yet. */
    private int call(boolean write, long address, int length) {
        int result;
        interruption.enter();
        try {
            if (shared.cancelled) {
                return CANCELLED;
            }
            result = write
                    ? UnixCalls.writeOnce(state, shared.fd, address, length)
                    : UnixCalls.readOnce(state, shared.fd, address, length);
        } finally {
            interruption.leave();
        }
        if (result >= 0) {
            return result;
        }
        Fault fault = shared.selector.system.fault(-result);
        if (fault == Fault.EAGAIN) {
            // Another holder of the file has made it non-blocking, and poll(2) may promise what the call does not keep.
            LockSupport.parkNanos(this, PAUSE_NANOS);
            Thread.interrupted();
        }
        return fault == Fault.EAGAIN || fault == Fault.EINTR ? AGAIN : result;
    }

    private int writePieces() {
        int total = 0;
        for (int i = 0; i < addresses.length; i++) {
            for (int done = 0; done < lengths[i]; ) {
                int written = await();
                if (written == 0) {
                    written = call(true, addresses[i] + done, Math.min(pipeBuf, lengths[i] - done));
                }
                if (written == AGAIN) {
                    continue;
                }
                if (written < 0) {
                    // What has left has left; the next write meets the trouble again, if it lasts.
                    return total > 0 ? total : written;
                }
                done += written;
                total += written;
            }
        }
        return total;
    }

    /** Waits until the descriptor is ready or the channel closed; 0, {@link #CANCELLED} or a negated errno. */
    private int await() {
        while (!shared.cancelled) {
            int ready = wait.await(state, shared.fd, writing, shared.cancelEnd);
            if (ready < 0) {
                return ready;
            }
            if (ready > 0 && !shared.cancelled) {
                return 0;
            }
        }
        return CANCELLED;
    }

    /** What both directions of one descriptor share: its number, its end, and how to end their waits. */
    static final class Shared {

        final UnixSelector selector;
        final int fd;

        /** Polled beside the descriptor: its other end is closed to cancel. */
        final int cancelEnd;

        final AtomicInteger users = new AtomicInteger(1);
        /** Said by the loop's thread before it ends a wait, and read by the helper's behind each. */
        volatile boolean cancelled;

        private final int otherEnd;

        /** Said by the loop's thread before it lets go, and read by who does so last. */
        private volatile boolean keep;

        Shared(UnixSelector selector, int fd) throws KernelException {
            this.selector = selector;
            this.fd = fd;
            MemorySegment two = selector.scratch.numbers();
            UnixSystem system = selector.system;
            system.check(system.socketPair(
                    selector.state, UnixSystem.AF_UNIX, UnixSystem.SOCK_STREAM, selector.scratch), "socketpair");
            cancelEnd = two.get(ValueLayout.JAVA_INT, 0);
            otherEnd = two.get(ValueLayout.JAVA_INT, 4);
        }

        void keepDescriptor() {
            keep = true;
        }

        /** Ends every wait; called by the loop's thread. */
        void cancel() {
            cancelled = true;
            UnixCalls.shutdown(selector.state, otherEnd, UnixSystem.SHUT_WR);
        }

        /** Lets go of the descriptor; the last user closes it. */
        void release() {
            if (users.decrementAndGet() == 0) {
                CallState state = new CallState();
                UnixCalls.close(state, cancelEnd);
                UnixCalls.close(state, otherEnd);
                if (!keep) {
                    UnixChannel.closeUnlessStandard(state, fd);
                }
            }
        }
    }
}
