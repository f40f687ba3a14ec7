/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.FieldOffset;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixChannel;
import io.panpipe.internal.unix.UnixSelector;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One loop's kqueue, level-triggered, with an event of its own that other threads trigger to wake it.
 *
 * <p>A descriptor has one note for each filter, so reading and writing are two events. Closing the descriptor's number ends its
 * notes, whatever duplicates there are (kqueue(2)), so that only what is given away has to be forgotten by hand. An event carries
 * the descriptor's number and the number of the registration it was made for, by which one of a closed channel is told from one of
 * the channel that got the same number within the batch.
 */
final class BsdSelector extends UnixSelector {

    private static final int CAPACITY = 1024;
    private static final int INPUT = Channel.READ | Channel.ACCEPT;
    private static final int OUTPUT = Channel.WRITE | Channel.CONNECT;

    /** Among what is watched for: when what was sent is read, each time it is. */
    private static final int READING = 1 << 29;

    private static final int EVFILT_READ = -1;
    private static final int EVFILT_WRITE = -2;
    private static final int EV_ADD = 1;
    private static final int EV_DELETE = 2;
    private static final int EV_CLEAR = 0x20;
    private static final int EV_RECEIPT = 0x40;
    private static final int EV_EOF = 0x8000;
    private static final int EV_ERROR = 0x4000;
    private static final int NOTE_TRIGGER = 0x01000000;

    /** Each channel takes at most so many changes: one filter is ended, and begins anew in another way; the other changes. */
    private static final int MOST_CHANGES = 3;

    private static final long WAKE = -1;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** The JDK's own longest wait; absurd ones are EINVAL. */
    private static final long LONGEST_NANOS = (1L << 31) * 1_000_000;

    private static final int SECONDS = (int) FieldOffset.of(BsdLayouts.TIMESPEC, "tv_sec");
    private static final int NANOS = (int) FieldOffset.of(BsdLayouts.TIMESPEC, "tv_nsec");

    private final BsdSystem bsd;
    private final KeventLayout kevent;
    private final int queue;
    private final Region events;
    private final Region changes;
    private final Region time = allocate((int) BsdLayouts.TIMESPEC.byteSize());
    private final Region trigger;
    private final PassedSockets passed;
    private @Nullable UnixChannel[] changed = new UnixChannel[16];
    private int changedCount;
    /** How many changes are listed and not told yet: none but while {@link #select} lists them. */
    private int pending;
    private int eventCount;
    private final ArrayList<UnixChannel> lost = new ArrayList<>();
    private int lostCount;

    private final Object wakeLock = new Object();
    private final CallState wakeState = new CallState();
    private boolean closed;

    private BsdSelector(BsdSystem bsd, int queue) {
        super(bsd);
        this.bsd = bsd;
        kevent = bsd.kevent();
        this.queue = queue;
        events = buffer(CAPACITY);
        changes = buffer(CAPACITY);
        trigger = buffer(1);
        time.bytes().order(ByteOrder.nativeOrder());
        passed = new PassedSockets(bsd, state, scratch);
    }

    private Region buffer(int count) {
        Region region = allocate(kevent.size() * count);
        region.bytes().order(ByteOrder.nativeOrder());
        return region;
    }

    static BsdSelector open(BsdSystem bsd) throws KernelException {
        CallState state = new CallState();
        int queue = bsd.check(BsdCalls.kqueue(state), "kqueue");
        bsd.closeOnExec(state, queue);
        BsdSelector selector = new BsdSelector(bsd, queue);
        // Loads the table of errors while there are descriptors to load it with.
        bsd.fault(0);
        // EV_CLEAR: each trigger reports once, and nobody has to take it back.
        int result = selector.triggerWake(state, EV_ADD | EV_CLEAR, 0);
        if (result < 0) {
            selector.close();
            throw bsd.failure(result, "kevent");
        }
        return selector;
    }

    private int triggerWake(CallState calls, int flags, int fflags) {
        kevent.put(trigger.bytes(), 0, 0, bsd.evfiltUser(), flags, fflags, WAKE);
        return BsdCalls.kevent(calls, queue, trigger.address(), 1, 0, 0, 0);
    }

    // What is watched.

    /**
     * A first interest is told at once, so that a refusal reaches the caller; changes and withdrawals ride on the next
     * {@link #select}, since most are taken back within the turn.
     */
    @Override
    protected void watch(UnixChannel channel) throws KernelException {
        if (channel.watched() != 0) {
            noteChange(channel);
            return;
        }
        if (channel.wanted() != 0) {
            note(channel);
            int result = tellEach();
            if (result < 0) {
                // One of two may have been taken, and would be told for ever.
                end(channel, EVFILT_READ);
                end(channel, EVFILT_WRITE);
                tellEach();
                channel.watched(0);
                throw system.failure(result, "kevent");
            }
        }
    }

    private void end(UnixChannel channel, int filter) {
        note(channel, filter, EV_ADD, 0);
    }

    /**
     * Tells each change by a call of its own: without room for events a refusal is the call's, and nothing behind it is applied.
     *
     * @return the first result that means a refusal, or 0
     */
    private int tellEach() {
        int count = pending;
        pending = 0;
        int refused = 0;
        for (int i = 0; i < count; i++) {
            int result = BsdCalls.kevent(state, queue, changes.address() + (long) i * kevent.size(), 1, 0, 0, 0);
            // kqueue(2): EINTR comes when all has been applied.
            if (refused == 0 && result < 0 && system.fault(-result) != Fault.EINTR
                    && !isHarmless(system.fault(-result), kevent.flags(changes.bytes(), i))) {
                refused = result;
            }
        }
        return refused;
    }

    private void noteChange(UnixChannel channel) {
        if (changedCount == changed.length) {
            changed = Arrays.copyOf(changed, changedCount * 2);
        }
        changed[changedCount++] = channel;
    }

    private int goal(UnixChannel channel) {
        int wanted = channel.wanted();
        return (wanted & OUTPUT) == 0 && passed.holds(channel) ? wanted | READING : wanted;
    }

    /** Lists what changes a channel needs, and notes them as made: a refusal comes back as an event. */
    private void note(UnixChannel channel) {
        int watched = channel.watched();
        int goal = goal(channel);
        note(channel, EVFILT_READ, (watched & INPUT) != 0 ? EV_ADD : 0, (goal & INPUT) != 0 ? EV_ADD : 0);
        note(channel, EVFILT_WRITE, writeFlags(watched), writeFlags(goal));
        channel.watched(goal);
    }

    private static int writeFlags(int operations) {
        return (operations & OUTPUT) != 0 ? EV_ADD : (operations & READING) != 0 ? EV_ADD | EV_CLEAR : 0;
    }

    private void note(UnixChannel channel, int filter, int before, int after) {
        if (before == after) {
            return;
        }
        long user = (long) channel.generation() << 32 | channel.fd();
        if (before != 0) {
            // A note that is there keeps its EV_CLEAR or its lack of it, so it is ended first.
            kevent.put(changes.bytes(), pending++, channel.fd(), filter, EV_DELETE, 0, user);
        }
        if (after != 0) {
            kevent.put(changes.bytes(), pending++, channel.fd(), filter, after, 0, user);
        }
    }

    private void listChanges() throws KernelException {
        for (int i = 0; i < changedCount; i++) {
            UnixChannel channel = changed[i];
            if (channel.fd() >= 0 && channel.watched() != goal(channel)) {
                flushIfFull();
                note(channel);
            }
        }
        Arrays.fill(changed, 0, changedCount, null);
        changedCount = 0;
    }

    /** Tells what is listed so far, where there is no room for another channel's changes: each is answered, and nothing else is. */
    private void flushIfFull() throws KernelException {
        if (pending + MOST_CHANGES <= CAPACITY) {
            return;
        }
        for (int i = 0; i < pending; i++) {
            int at = i * kevent.size() + kevent.flags();
            changes.bytes().putShort(at, (short) (changes.bytes().getShort(at) | EV_RECEIPT));
        }
        int told = pending;
        pending = 0;
        int result = BsdCalls.kevent(state, queue, changes.address(), told, events.address(), CAPACITY, timeout(0));
        if (result < 0 && system.fault(-result) != Fault.EINTR) {
            throw system.failure(result, "kevent");
        }
        takeRefusals(result);
    }

    /** Takes the answers to changes, which come before events and without any; returns how many there are. */
    private int takeRefusals(int count) {
        int refusals = 0;
        while (refusals < count && (kevent.flags(events.bytes(), refusals) & EV_ERROR) != 0) {
            int errno = (int) kevent.data(events.bytes(), refusals);
            UnixChannel channel = channelOf(kevent.user(events.bytes(), refusals));
            if (errno != 0 && channel != null && !isHarmless(system.fault(errno), kevent.flags(events.bytes(), refusals))) {
                lose(channel, system.fault(errno));
            }
            refusals++;
        }
        return refusals;
    }

    /**
     * Tells whether a refusal means nothing: a note that had ended by itself is ended; a pipe without its other end is watched all
     * the same (EPIPE, of old systems; mio).
     */
    private static boolean isHarmless(Fault fault, int flags) {
        return fault == Fault.EPIPE || fault == Fault.ENOENT && (flags & EV_DELETE) != 0;
    }

    /** Gives up a channel that cannot be watched any more; what is only refused for want of memory is still ours to close. */
    private void lose(UnixChannel channel, Fault fault) {
        channel.lose(fault == Fault.ENOMEM || fault == Fault.ENOSPC);
        lost(channel);
    }

    @Override
    protected void lost(UnixChannel channel) {
        // Its number is another file's, and no event tells any more what its receiver has read.
        passed.release(channel);
        if (channel.wanted() != 0) {
            lost.add(channel);
        }
    }

    /** Closing the number ends its notes; what is given away stays open. */
    @Override
    protected void unwatch(UnixChannel channel) {
        passed.release(channel);
        int watched = channel.watched();
        if (watched != 0 && channel.isShared()) {
            note(channel, EVFILT_READ, (watched & INPUT) != 0 ? EV_ADD : 0, 0);
            note(channel, EVFILT_WRITE, writeFlags(watched), 0);
            tellEach();
        }
    }

    // What is passed.

    @Override
    protected void sent(UnixChannel channel, int bytes, long[] descriptors, int count) {
        if (passed.hold(channel, bytes, descriptors, count) && channel.watched() != goal(channel)) {
            noteChange(channel);
        }
    }

    @Override
    protected void wrote(UnixChannel channel, int bytes) {
        passed.wrote(channel, bytes);
    }

    /** The write filter says EV_EOF from now on, whatever the receiver has read (filt_sowrite of xnu). */
    @Override
    protected void outputShut(UnixChannel channel) {
        passed.outputShut(channel);
    }

    // Events.

    @Override
    public int select(long timeoutNanos) throws KernelException {
        if (lostCount > 0) {
            lost.subList(0, lostCount).clear();
        }
        listChanges();
        long deadline = timeoutNanos > 0 ? System.nanoTime() + timeoutNanos : 0;
        long left = timeoutNanos;
        while (true) {
            lostCount = lost.size();
            long timeout = lostCount > 0 || collectHelpers() > 0 ? 0 : left;
            int told = pending;
            pending = 0;
            passed.nextBatch();
            int result = BsdCalls.kevent(
                    state, queue, changes.address(), told, events.address(), CAPACITY, timeout(timeout));
            if (result < 0 && system.fault(-result) != Fault.EINTR) {
                throw system.failure(result, "kevent");
            }
            if (result >= 0 && takeRefusals(result) == 0) {
                eventCount = withoutWake(result);
                return eventCount + lostCount + collectHelpers();
            }
            left = left > 0 ? Math.max(0, deadline - System.nanoTime()) : left;
        }
    }

    /** Returns the address of a struct timespec; 0 waits without end. */
    private long timeout(long nanos) {
        if (nanos < 0) {
            return 0;
        }
        long most = Math.min(nanos, LONGEST_NANOS);
        time.bytes().putLong(SECONDS, most / NANOS_PER_SECOND).putLong(NANOS, most % NANOS_PER_SECOND);
        return time.address();
    }

    private int withoutWake(int count) {
        for (int i = 0; i < count; i++) {
            if (kevent.filter(events.bytes(), i) == bsd.evfiltUser()) {
                int last = count - 1;
                events.bytes().put(i * kevent.size(), events.bytes(), last * kevent.size(), kevent.size());
                return last;
            }
        }
        return count;
    }

    private @Nullable UnixChannel channelOf(long user) {
        UnixChannel channel = channel((int) user);
        return channel != null && channel.generation() == (int) (user >>> 32) ? channel : null;
    }

    @Override
    public void dispatch(int index) {
        if (index >= eventCount) {
            dispatchOther(index - eventCount);
            return;
        }
        UnixChannel channel = channelOf(kevent.user(events.bytes(), index));
        if (channel == null) {
            endUnknown(index);
            return;
        }
        if (kevent.filter(events.bytes(), index) == EVFILT_READ) {
            channel.dispatch(INPUT);
            return;
        }
        if (passed.holds(channel)) {
            boolean isOver = (kevent.flags(events.bytes(), index) & EV_EOF) != 0;
            if (passed.releaseRead(channel, kevent.data(events.bytes(), index), isOver)) {
                noteChange(channel);
            }
        }
        channel.dispatch(OUTPUT);
    }

    /** Ends a note that no channel has, which would be told for ever; of a number that has another channel by now it is its own. */
    private void endUnknown(int index) {
        int number = (int) kevent.user(events.bytes(), index);
        if (channel(number) == null) {
            kevent.put(changes.bytes(), pending++, number, kevent.filter(events.bytes(), index), EV_DELETE, 0, WAKE);
            tellEach();
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
    public void wakeup() {
        // The lock keeps the number from being closed, and given to another file, while this thread uses it.
        synchronized (wakeLock) {
            if (!closed) {
                triggerWake(wakeState, 0, NOTE_TRIGGER);
            }
        }
    }

    @Override
    public void close() {
        synchronized (wakeLock) {
            closed = true;
            UnixCalls.close(state, queue);
        }
        passed.releaseAll();
        super.close();
    }
}
