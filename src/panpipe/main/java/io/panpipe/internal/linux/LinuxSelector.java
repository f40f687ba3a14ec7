/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixChannel;
import io.panpipe.internal.unix.UnixSelector;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One loop's epoll, level-triggered, with an eventfd that other threads write to wake it.
 *
 * <p>An event carries its descriptor's number and the number of the registration it was made for. So an event of a closed
 * channel is told from one of the channel that got the same descriptor number within the batch.
 */
final class LinuxSelector extends UnixSelector {

    private static final int CAPACITY = 1024;
    private static final int EVENT_SIZE = (int) LinuxLayouts.EVENT_SIZE;
    private static final int EVENT_DATA = (int) LinuxLayouts.EVENT_DATA;
    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NON_BLOCKING = 0x800;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EPOLLIN = 1;
    private static final int EPOLLOUT = 4;
    private static final int EPOLLERR = 8;
    private static final int EPOLLHUP = 0x10;
    private static final int EPOLLET = 1 << 31;
    private static final int INPUT = Channel.READ | Channel.ACCEPT;
    private static final int OUTPUT = Channel.WRITE | Channel.CONNECT;
    private static final long WAKE = -1;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int epoll;
    private final int wakeDescriptor;
    // Buffers, since the first access to a segment's numbers costs a program's start 5 ms and more.
    private final Region events = allocate(EVENT_SIZE * CAPACITY);
    private final Region change = allocate(EVENT_SIZE);
    private @Nullable UnixChannel[] changed = new UnixChannel[16];
    private int changedCount;
    private int eventCount;

    private KernelPipe.@Nullable Pool pipes;

    private final Object wakeLock = new Object();
    private final CallState wakeState = new CallState();
    private boolean closed;

    private LinuxSelector(int epoll, int wakeDescriptor) {
        super(LinuxSystem.INSTANCE);
        this.epoll = epoll;
        this.wakeDescriptor = wakeDescriptor;
        events.bytes().order(ByteOrder.nativeOrder());
        change.bytes().order(ByteOrder.nativeOrder());
    }

    static LinuxSelector open() throws KernelException {
        CallState state = new CallState();
        int epoll = LinuxCalls.epollCreate1(state, CLOSE_ON_EXEC);
        LinuxSystem.INSTANCE.check(epoll, "epoll_create1");
        int wake = LinuxCalls.eventfd(state, 0, CLOSE_ON_EXEC | NON_BLOCKING);
        if (wake < 0) {
            UnixCalls.close(state, epoll);
            throw LinuxSystem.INSTANCE.failure(wake, "eventfd");
        }
        LinuxSelector selector = new LinuxSelector(epoll, wake);
        // Loads the table of errors while there are descriptors to load it with.
        LinuxSystem.INSTANCE.fault(0);
        // Edge-triggered: each write reports once, and nobody has to read the counter back.
        int result = selector.control(EPOLL_CTL_ADD, wake, EPOLLIN | EPOLLET, WAKE);
        if (result < 0) {
            selector.close();
            throw LinuxSystem.INSTANCE.failure(result, "epoll_ctl");
        }
        return selector;
    }

    private int control(int operation, int fd, int mask, long data) {
        change.bytes().putInt(0, mask).putLong(EVENT_DATA, data);
        return LinuxCalls.epollCtl(state, epoll, operation, fd, change.address());
    }

    /**
     * A first interest is told to epoll at once, so that a refusal reaches the caller; changes and withdrawals wait for
     * the next {@link #select}, since most are taken back within the turn.
     */
    @Override
    protected void watch(UnixChannel channel) throws KernelException {
        if (channel.watched() == 0) {
            if (channel.wanted() != 0) {
                system.check(tell(channel, EPOLL_CTL_ADD), "epoll_ctl");
            }
            return;
        }
        if (changedCount == changed.length) {
            changed = Arrays.copyOf(changed, changedCount * 2);
        }
        changed[changedCount++] = channel;
    }

    private int tell(UnixChannel channel, int operation) {
        int wanted = channel.wanted();
        int mask = ((wanted & INPUT) != 0 ? EPOLLIN : 0) | ((wanted & OUTPUT) != 0 ? EPOLLOUT : 0);
        long data = (long) channel.generation() << 32 | channel.fd();
        int result = control(operation, channel.fd(), mask, data);
        if (result >= 0) {
            channel.watched(wanted);
        }
        return result;
    }

    private void applyChanges() throws KernelException {
        for (int i = 0; i < changedCount; i++) {
            UnixChannel channel = changed[i];
            if (channel.fd() >= 0 && channel.watched() != channel.wanted()) {
                // Without interest it leaves epoll: a mask of 0 would still report EPOLLHUP, again and again.
                int operation = channel.wanted() == 0 ? EPOLL_CTL_DEL : channel.watched() == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
                system.check(tell(channel, operation), "epoll_ctl");
            }
        }
        Arrays.fill(changed, 0, changedCount, null);
        changedCount = 0;
    }

    /**
     * Closing the last descriptor of an open file ends its registration; where others may hold duplicates, it has to be
     * ended by hand, or epoll would go on reporting a channel that is gone.
     */
    @Override
    protected void unwatch(UnixChannel channel) {
        if (channel.watched() != 0 && channel.isShared()) {
            control(EPOLL_CTL_DEL, channel.fd(), 0, 0);
        }
    }

    @Override
    public int select(long timeoutNanos) throws KernelException {
        applyChanges();
        long timeout = collectHelpers() > 0 ? 0 : timeoutNanos;
        long deadline = timeout > 0 ? System.nanoTime() + timeout : 0;
        int result = LinuxCalls.epollWait(state, epoll, events.address(), CAPACITY, millis(timeout));
        while (result < 0) {
            if (system.fault(-result) != Fault.EINTR) {
                throw system.failure(result, "epoll_wait");
            }
            long left = timeout > 0 ? Math.max(0, deadline - System.nanoTime()) : timeout;
            result = LinuxCalls.epollWait(state, epoll, events.address(), CAPACITY, millis(left));
        }
        eventCount = withoutWake(result);
        return eventCount + collectHelpers();
    }

    /** Rounds up: waking before a timer is due would only make the loop go round once more. */
    private static int millis(long nanos) {
        return nanos < 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    private int withoutWake(int count) {
        for (int i = 0; i < count; i++) {
            if (data(i) == WAKE) {
                int last = count - 1;
                events.bytes().put(i * EVENT_SIZE, events.bytes(), last * EVENT_SIZE, EVENT_SIZE);
                return last;
            }
        }
        return count;
    }

    private long data(int index) {
        return events.bytes().getLong(index * EVENT_SIZE + EVENT_DATA);
    }

    @Override
    public void dispatch(int index) {
        if (index >= eventCount) {
            dispatchHelper(index - eventCount);
            return;
        }
        long data = data(index);
        UnixChannel channel = channel((int) data);
        if (channel == null || channel.generation() != (int) (data >>> 32)) {
            return;
        }
        int mask = events.bytes().getInt(index * EVENT_SIZE);
        int ready = (mask & EPOLLIN) != 0 ? INPUT : 0;
        if ((mask & EPOLLOUT) != 0) {
            ready |= OUTPUT;
        }
        if ((mask & (EPOLLERR | EPOLLHUP)) != 0) {
            ready = INPUT | OUTPUT;
        }
        ready &= channel.wanted();
        if (ready != 0) {
            channel.listener().ready(ready);
        }
    }

    @Override
    public @Nullable Transfer transfer(StreamChannel source, StreamChannel sink) {
        if (!(source instanceof UnixChannel from && from.neverBlocks() && source.readable())
                || !(sink instanceof UnixChannel to && to.neverBlocks() && sink.writable())) {
            return null;
        }
        KernelPipe.Pool present = pipes;
        if (present == null) {
            present = new KernelPipe.Pool(state, memory.allocate(8));
            pipes = present;
        }
        return new SpliceTransfer(present, state, from, to);
    }

    @Override
    public void wakeup() {
        // The lock keeps the number from being closed, and given to another file, while this thread writes to it.
        synchronized (wakeLock) {
            if (!closed) {
                LinuxCalls.eventfdWrite(wakeState, wakeDescriptor, 1);
            }
        }
    }

    @Override
    public void close() {
        synchronized (wakeLock) {
            closed = true;
            UnixCalls.close(state, wakeDescriptor);
        }
        UnixCalls.close(state, epoll);
        if (pipes != null) {
            pipes.close();
        }
        super.close();
    }
}
