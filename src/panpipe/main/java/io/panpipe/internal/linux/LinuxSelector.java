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
import io.panpipe.internal.unix.CallerPoll;
import io.panpipe.internal.unix.SocketCaller;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixChannel;
import io.panpipe.internal.unix.UnixSelector;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One loop's epoll, level-triggered, with an eventfd that other threads write to wake it.
 *
 * <p>An event carries its descriptor's number and the number of the registration it was made for. So an event of a closed
 * channel is told from one of the channel that got the same descriptor number within the batch.
 *
 * <p>What Linux says of readiness is not always so. A channel that is ready time and again without any operation's having done
 * something is watched edge-triggered, so that it is heard of when something happens and not all the time in between, until an
 * operation does something. An event that belongs to no channel, again and again, comes from a registration that cannot be
 * ended, as its descriptor was closed while its file lives on in a duplicate: then everything is watched anew by another
 * epoll.
 */
final class LinuxSelector extends UnixSelector {

    private static final int CAPACITY = 1024;
    private static final int EVENT_SIZE = (int) LinuxLayouts.EVENT_SIZE;
    private static final int EVENT_DATA = (int) LinuxLayouts.EVENT_DATA;
    private static final int INPUT = Channel.READ | Channel.ACCEPT;
    private static final int OUTPUT = Channel.WRITE | Channel.CONNECT;

    /** Among what is watched for: edge-triggered. */
    private static final int EDGE = 1 << 30;

    /** So many times ready in vain, and a channel is watched edge-triggered. */
    private static final int PATIENCE = 16;

    /** So many times in a row an event of no channel, and epoll is made anew. */
    private static final int STRAYS = 3;

    /** Notes that are taken from a socket's error queue at once; those left are told of in the next turn. */
    private static final int NOTES = 64;

    private static final int MSG_ERRQUEUE = 0x2000;
    private static final long WAKE = -1;

    /** What callers wait for has come; no registration of a channel has a negative number. */
    private static final long CALLERS_IN = -2;

    private static final long CALLERS_OUT = -3;

    /** What is taken from an epoll of callers at once. The rest is told of in the next turn. */
    private static final int CALLER_EVENTS = 256;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private int epoll;
    private final int wakeDescriptor;
    // Buffers, since the first access to a segment's numbers costs a program's start 5 ms and more.
    private final Region events = allocate(EVENT_SIZE * CAPACITY);
    private final Region change = allocate(EVENT_SIZE);
    private @Nullable UnixChannel[] changed = new UnixChannel[16];
    private int changedCount;
    private int eventCount;
    private final ArrayList<UnixChannel> lost = new ArrayList<>();
    private int lostCount;
    private long stray;
    private int strayTimes;
    private int strayBatch;
    private int batch;

    private KernelPipe.@Nullable Pool pipes;
    private @Nullable LinuxCallerPoll callers;
    private @Nullable Region callerEvents;

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
        int epoll = LinuxCalls.epollCreate1(state, LinuxCalls.O_CLOEXEC);
        LinuxSystem.INSTANCE.check(epoll, "epoll_create1");
        int wake = LinuxCalls.eventfd(state, 0, LinuxCalls.O_CLOEXEC | LinuxCalls.O_NONBLOCK);
        if (wake < 0) {
            UnixCalls.close(state, epoll);
            throw LinuxSystem.INSTANCE.failure(wake, "eventfd");
        }
        LinuxSelector selector = new LinuxSelector(epoll, wake);
        // Loads the table of errors while there are descriptors to load it with.
        LinuxSystem.INSTANCE.fault(0);
        // Edge-triggered: each write reports once, and nobody has to read the counter back.
        int result = selector.control(LinuxCalls.EPOLL_CTL_ADD, wake, LinuxCalls.EPOLLIN | LinuxCalls.EPOLLET, WAKE);
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
                system.check(tell(channel, LinuxCalls.EPOLL_CTL_ADD), "epoll_ctl");
            }
            return;
        }
        noteChange(channel);
    }

    private void noteChange(UnixChannel channel) {
        if (changedCount == changed.length) {
            changed = Arrays.copyOf(changed, changedCount * 2);
        }
        changed[changedCount++] = channel;
    }

    /** Returns what a channel is to be watched for: what it wants, and how. */
    private static int goal(UnixChannel channel) {
        int wanted = channel.wanted();
        return wanted != 0 && channel.fruitless() == PATIENCE ? wanted | EDGE : wanted;
    }

    private int tell(UnixChannel channel, int operation) {
        int goal = goal(channel);
        int mask = ((goal & INPUT) != 0 ? LinuxCalls.EPOLLIN : 0)
                | ((goal & OUTPUT) != 0 ? LinuxCalls.EPOLLOUT : 0)
                | ((goal & EDGE) != 0 ? LinuxCalls.EPOLLET : 0);
        long data = (long) channel.generation() << 32 | channel.fd();
        int result = control(operation, channel.watchedFd(), mask, data);
        if (result >= 0) {
            channel.watched(goal);
        }
        return result;
    }

    private void applyChanges() {
        for (int i = 0; i < changedCount; i++) {
            UnixChannel channel = changed[i];
            if (channel.fd() >= 0 && channel.watched() != goal(channel)) {
                // Without interest it leaves epoll: a mask of 0 would still report EPOLLHUP, again and again.
                int operation = channel.wanted() == 0
                        ? LinuxCalls.EPOLL_CTL_DEL
                        : channel.watched() == 0 ? LinuxCalls.EPOLL_CTL_ADD : LinuxCalls.EPOLL_CTL_MOD;
                int result = tell(channel, operation);
                if (result < 0) {
                    lose(channel, result);
                }
            }
        }
        Arrays.fill(changed, 0, changedCount, null);
        changedCount = 0;
    }

    /**
     * Gives up a channel that cannot be watched any more, and it alone: its descriptor was closed by somebody, and is another
     * file's or nobody's now (EBADF, ENOENT, EPERM). Where the system only has no room for another one it is still ours.
     */
    private void lose(UnixChannel channel, int refused) {
        Fault fault = system.fault(-refused);
        channel.lose(fault == Fault.ENOMEM || fault == Fault.ENOSPC);
        lost(channel);
    }

    @Override
    protected void lost(UnixChannel channel) {
        if (channel.wanted() != 0) {
            lost.add(channel);
        }
    }

    /**
     * Closing the last descriptor of an open file ends its registration; where others may hold duplicates, it has to be
     * ended by hand, or epoll would go on reporting a channel that is gone.
     */
    @Override
    protected void unwatch(UnixChannel channel) {
        if (channel.watched() != 0 && channel.isShared()) {
            control(LinuxCalls.EPOLL_CTL_DEL, channel.watchedFd(), 0, 0);
        }
    }

    @Override
    public int select(long timeoutNanos) throws KernelException {
        if (strayTimes >= STRAYS) {
            watchAnew();
        }
        if (lostCount > 0) {
            lost.subList(0, lostCount).clear();
        }
        applyChanges();
        lostCount = lost.size();
        batch++;
        long timeout = lostCount > 0 || collectHelpers() > 0 ? 0 : timeoutNanos;
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
        return eventCount + lostCount + collectHelpers();
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
            dispatchOther(index - eventCount);
            return;
        }
        long data = data(index);
        if (data == CALLERS_IN || data == CALLERS_OUT) {
            dispatchCallers(data == CALLERS_IN);
            return;
        }
        UnixChannel channel = channel((int) data);
        if (channel == null || channel.generation() != (int) (data >>> 32)) {
            strayed(data);
            return;
        }
        int mask = events.bytes().getInt(index * EVENT_SIZE);
        int ready = (mask & LinuxCalls.EPOLLIN) != 0 ? INPUT : 0;
        if ((mask & LinuxCalls.EPOLLOUT) != 0) {
            ready |= OUTPUT;
        }
        if ((mask & (LinuxCalls.EPOLLERR | LinuxCalls.EPOLLHUP)) != 0) {
            ready = INPUT | OUTPUT;
        }
        int told = ready & channel.wanted();
        channel.fruitful(false);
        if (told != 0) {
            channel.listener().ready(told);
        }
        boolean inVain = told != 0 && !channel.isFruitful();
        if ((mask & LinuxCalls.EPOLLERR) != 0 && channel.hasErrorQueue() && channel.fd() >= 0 && takeNotes(channel)) {
            inVain = false;
        }
        if (inVain || channel.fruitless() != 0) {
            // What is not told, for want of interest, an edge would not tell again either.
            judge(channel, inVain && (ready & channel.watched() & ~told) == 0);
        }
    }

    @Override
    protected @Nullable CallerPoll callerPoll() {
        LinuxCallerPoll present = callers;
        if (present == null) {
            if (callerEvents == null) {
                // Before anything is watched: without it nothing that is told could be taken, and the epoll would stay ready.
                Region room = allocate(EVENT_SIZE * CALLER_EVENTS);
                room.bytes().order(ByteOrder.nativeOrder());
                callerEvents = room;
            }
            present = LinuxCallerPoll.open(state);
            if (present == null) {
                return null;
            }
            callers = present;
            if (watchCallers() < 0) {
                callers = null;
                present.close(state);
                return null;
            }
        }
        return present;
    }

    private int watchCallers() {
        LinuxCallerPoll present = callers;
        if (present == null) {
            return 0;
        }
        int result = control(LinuxCalls.EPOLL_CTL_ADD, present.epoll(true), LinuxCalls.EPOLLIN, CALLERS_IN);
        return result < 0
                ? result
                : control(LinuxCalls.EPOLL_CTL_ADD, present.epoll(false), LinuxCalls.EPOLLIN, CALLERS_OUT);
    }

    /** Tells callers that there is something to read, or room to write. */
    private void dispatchCallers(boolean input) {
        LinuxCallerPoll present = callers;
        Region room = callerEvents;
        if (present == null || room == null) {
            return;
        }
        int count = LinuxCalls.epollWait(state, present.epoll(input), room.address(), CALLER_EVENTS, 0);
        for (int i = 0; i < count; i++) {
            long data = room.bytes().getLong(i * EVENT_SIZE + EVENT_DATA);
            SocketCaller caller = callers((int) data);
            if (caller == null || caller.generation() != (int) (data >>> 32)) {
                continue;
            }
            if (input) {
                caller.listener().readable();
            } else {
                caller.listener().writable();
            }
        }
    }

    /** Notes whether anything came of an event. */
    private void judge(UnixChannel channel, boolean inVain) {
        channel.fruitless(inVain ? Math.min(channel.fruitless() + 1, PATIENCE) : 0);
        if (channel.fd() >= 0 && channel.watched() != 0 && channel.watched() != goal(channel)) {
            noteChange(channel);
        }
    }

    /**
     * Takes what waits in a socket's error queue (IP_RECVERR, SO_TIMESTAMPING, …): Linux reports it for as long as it is there,
     * and no other operation takes it away. What ICMP says is told by the operations as well.
     */
    private boolean takeNotes(UnixChannel channel) {
        int taken = 0;
        int flags = MSG_ERRQUEUE | system.numbers().msgDontwait();
        while (taken < NOTES && UnixCalls.recv(state, channel.fd(), change.address(), 1, flags) >= 0) {
            taken++;
        }
        return taken > 0;
    }

    /** Takes an event of no channel: an event of this batch's closed channel, which comes once, or a stray registration's. */
    private void strayed(long data) {
        if (data == stray) {
            strayTimes++;
            strayBatch = batch;
        } else if (batch - strayBatch > 1) {
            stray = data;
            strayTimes = 1;
            strayBatch = batch;
        }
    }

    /** Leaves a registration behind that epoll_ctl(2) cannot name any more. */
    private void watchAnew() {
        strayTimes = 0;
        stray = WAKE;
        int fresh = LinuxCalls.epollCreate1(state, LinuxCalls.O_CLOEXEC);
        if (fresh < 0) {
            // Without a descriptor it has to wait, until there are as many events again.
            return;
        }
        int old = epoll;
        epoll = fresh;
        int result = control(LinuxCalls.EPOLL_CTL_ADD, wakeDescriptor, LinuxCalls.EPOLLIN | LinuxCalls.EPOLLET, WAKE);
        if (result < 0 || watchCallers() < 0) {
            UnixCalls.close(state, fresh);
            epoll = old;
            return;
        }
        UnixCalls.close(state, old);
        for (int fd = 0; fd < descriptorBound(); fd++) {
            UnixChannel channel = channel(fd);
            if (channel != null && channel.fd() == fd && channel.watched() != 0) {
                channel.watched(0);
                noteChange(channel);
            }
        }
    }

    private void dispatchOther(int index) {
        if (index >= lostCount) {
            dispatchHelper(index - lostCount);
            return;
        }
        // Whatever it tries meets the trouble.
        UnixChannel channel = lost.get(index);
        channel.dispatch(channel.wanted());
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
        if (callers != null) {
            callers.close(state);
        }
        if (pipes != null) {
            pipes.close();
        }
        super.close();
    }
}
