/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.unix.CallerPoll;
import io.panpipe.internal.unix.CallerWaker;
import io.panpipe.internal.unix.DescriptorGate;
import io.panpipe.internal.unix.UnixCalls;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Two epolls inside the loop's own, one for each direction: epoll_ctl(2) may be called by any thread, and what callers wait
 * for does not mix with what the loop's handles are interested in.
 *
 * <p>Input is edge-triggered, so that a wait for the next message costs no call. Room to write is told once (EPOLLONESHOT):
 * each read of the other end makes some, and a writer that does not wait is not to wake the loop.
 */
final class LinuxCallerPoll implements CallerPoll {

    private static final int EVENT_DATA = (int) LinuxLayouts.EVENT_DATA;

    /** So many are kept while no thread needs them. */
    private static final int MOST_WAKERS = 8;

    private final int input;
    private final int output;

    /** A thread that tells an epoll something may be later than the end of its loop. */
    private final DescriptorGate gate = new DescriptorGate();

    /** Those that no thread is blocked with; guarded by itself. */
    private final ArrayDeque<CallerWaker> wakers = new ArrayDeque<>();

    private boolean ended;

    private LinuxCallerPoll(int input, int output) {
        this.input = input;
        this.output = output;
    }

    /** Makes one, or returns null where there are no descriptors for it. */
    static @Nullable LinuxCallerPoll open(CallState state) {
        int input = LinuxCalls.epollCreate1(state, LinuxCalls.O_CLOEXEC);
        if (input < 0) {
            return null;
        }
        int output = LinuxCalls.epollCreate1(state, LinuxCalls.O_CLOEXEC);
        if (output < 0) {
            UnixCalls.close(state, input);
            return null;
        }
        try {
            return new LinuxCallerPoll(input, output);
        } catch (Throwable noMemory) {
            UnixCalls.close(state, input);
            UnixCalls.close(state, output);
            throw noMemory;
        }
    }

    /** Returns the epoll of one direction. */
    int epoll(boolean isInput) {
        return isInput ? input : output;
    }

    @Override
    public int input(CallState state, ByteBuffer event, long address, int fd, int generation, boolean isNew, boolean on) {
        // The end of the stream is an arrival; without interest there is no more than EPOLLHUP, once.
        int mask = on ? LinuxCalls.EPOLLIN | LinuxCalls.EPOLLRDHUP | LinuxCalls.EPOLLET : LinuxCalls.EPOLLET;
        return tell(state, input, isNew, fd, generation, mask, event, address);
    }

    @Override
    public int output(CallState state, ByteBuffer event, long address, int fd, int generation, boolean isNew) {
        return tell(state, output, isNew, fd, generation, LinuxCalls.EPOLLOUT | LinuxCalls.EPOLLONESHOT, event, address);
    }

    private int tell(
            CallState state, int epoll, boolean isNew, int fd, int generation, int mask, ByteBuffer event, long address) {
        if (!gate.enter()) {
            // The loop has ended, and has closed its channels before.
            return 0;
        }
        try {
            event.putInt(0, mask).putLong(EVENT_DATA, (long) generation << 32 | fd);
            int operation = isNew ? LinuxCalls.EPOLL_CTL_ADD : LinuxCalls.EPOLL_CTL_MOD;
            int result = LinuxCalls.epollCtl(state, epoll, operation, fd, address);
            if (isNew && result < 0 && LinuxSystem.INSTANCE.fault(-result) == Fault.EEXIST) {
                // A file that lived on in a duplicate came back under the number that it is known by.
                return LinuxCalls.epollCtl(state, epoll, LinuxCalls.EPOLL_CTL_MOD, fd, address);
            }
            return result;
        } finally {
            leave(state);
        }
    }

    @Override
    public void forget(CallState state, ByteBuffer event, long address, int fd, boolean fromInput, boolean fromOutput) {
        if (!gate.enter()) {
            return;
        }
        try {
            if (fromInput) {
                LinuxCalls.epollCtl(state, input, LinuxCalls.EPOLL_CTL_DEL, fd, address);
            }
            if (fromOutput) {
                LinuxCalls.epollCtl(state, output, LinuxCalls.EPOLL_CTL_DEL, fd, address);
            }
        } finally {
            leave(state);
        }
    }

    @Override
    public @Nullable CallerWaker takeWaker() {
        synchronized (wakers) {
            CallerWaker free = wakers.poll();
            if (free != null || ended) {
                return free;
            }
        }
        return EventWaker.open();
    }

    @Override
    public void giveBack(CallerWaker waker) {
        synchronized (wakers) {
            if (!ended && wakers.size() < MOST_WAKERS) {
                wakers.push(waker);
                return;
            }
        }
        waker.close();
    }

    private void leave(CallState state) {
        if (gate.leave()) {
            closeBoth(state);
        }
    }

    private void closeBoth(CallState state) {
        UnixCalls.close(state, input);
        UnixCalls.close(state, output);
    }

    /** Closes both, unless a thread is at them, which then does. */
    void close(CallState state) {
        synchronized (wakers) {
            ended = true;
            wakers.forEach(CallerWaker::close);
            wakers.clear();
        }
        if (gate.close()) {
            closeBoth(state);
        }
    }
}
