/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A descriptor that a selector watches: what sockets and other descriptors have in common. */
public abstract class UnixChannel implements Channel {

    static final int NONE = -1;

    /** In the place of a descriptor's number: it was closed behind this channel. No call takes it for an open file. */
    private static final int LOST = -2;

    final UnixSelector selector;

    private int fd = NONE;
    private int generation;
    private int wanted;
    private int watched;
    // A byte each: there may be ten thousand idle connections.
    private boolean fruitful;
    private byte fruitless;
    private boolean shared;
    private boolean exposed;
    private @Nullable ChannelListener listener;

    UnixChannel(UnixSelector selector) {
        this.selector = selector;
    }

    /** Gives this channel its descriptor. */
    void opened(int descriptor) {
        fd = descriptor;
        generation = selector.register(descriptor, this);
    }

    /**
     * Marks the descriptor as one that others may hold duplicates of, so that closing ours does not end its watching by
     * itself.
     */
    void markShared() {
        shared = true;
    }

    /** Returns the descriptor that is read and written, or a negative number. */
    public final int fd() {
        return fd;
    }

    /** Returns the descriptor that is watched, which may be another one of the same file. */
    public int watchedFd() {
        return fd;
    }

    /** Returns the number of this channel's registration, which no other channel of the selector ever had. */
    public final int generation() {
        return generation;
    }

    /** Returns the operations the handle is interested in. */
    public final int wanted() {
        return wanted;
    }

    /** Returns the operations the system was last told to watch for. */
    public final int watched() {
        return watched;
    }

    /** Notes what the system was told. */
    public final void watched(int operations) {
        watched = operations;
    }

    /** Notes whether an operation has done something, be it that it failed, since that was last denied. */
    public final void fruitful(boolean something) {
        fruitful = something;
    }

    /** Tells whether an operation has done something. */
    public final boolean isFruitful() {
        return fruitful;
    }

    /** Returns how many times in a row this channel was said to be ready and nothing came of it. */
    public final int fruitless() {
        return fruitless;
    }

    /** Notes how many times that is. */
    public final void fruitless(int times) {
        fruitless = (byte) times;
    }

    /** Tells whether errors and other notes wait for this socket's holder beside its data, where the system has such a queue. */
    public boolean hasErrorQueue() {
        return false;
    }

    /**
     * Gives up a descriptor that the system does not watch any more. Whatever is tried from now on is EBADF.
     *
     * @param isOurs false where somebody has closed it: its number may be another file's by now, and is left alone
     */
    public void lose(boolean isOurs) {
        int descriptor = fd;
        if (isOurs && watchedFd() == descriptor) {
            // It may be watched for what it wanted before. A descriptor that is only watched may be another file's by now.
            selector.unwatch(this);
            watched = 0;
        }
        boolean free = endCallers(isOurs, true);
        selector.unregister(descriptor, this);
        fd = LOST;
        watched = 0;
        if (isOurs && free) {
            closeUnlessStandard(selector.state, descriptor);
        }
    }

    /**
     * The system has given this channel's number to another file: somebody has closed the descriptor.
     *
     * @param descriptor the number, which is the other file's
     */
    void displaced(int descriptor) {
        endCallers(false, true);
        fd = LOST;
        watched = 0;
    }

    final boolean isLost() {
        return fd == LOST;
    }

    /** Tells whether closing the descriptor leaves others that keep the system's watching alive. */
    public final boolean isShared() {
        return shared || exposed;
    }

    /**
     * Tells whether calls that know no flag like MSG_DONTWAIT never block here: the open file is in non-blocking mode, and
     * nobody else can change that.
     */
    public boolean neverBlocks() {
        return false;
    }

    /** Tells the listener what can be tried, less what it has no interest in any more. */
    public final void dispatch(int operations) {
        int ready = operations & wanted;
        if (ready != 0) {
            listener().ready(ready);
        }
    }

    /** Returns who is told what this channel is ready for. */
    public final ChannelListener listener() {
        ChannelListener told = listener;
        if (told == null) {
            throw new IllegalStateException("an event for a channel without a listener");
        }
        return told;
    }

    @Override
    public void listener(ChannelListener listener) {
        this.listener = listener;
    }

    @Override
    public void interest(int operations) throws KernelException {
        if (operations == wanted) {
            return;
        }
        if (isLost()) {
            if ((operations & ~wanted) != 0) {
                throw lost(selector.system.watchCall());
            }
            wanted = operations;
            return;
        }
        int before = wanted;
        wanted = operations;
        try {
            interestChanged();
        } catch (Throwable refused) {
            wanted = before;
            throw refused;
        }
    }

    static KernelException lost(String call) {
        return new KernelException(Fault.EBADF, 0, call, "the descriptor was closed behind its handle");
    }

    /** Makes the selector watch for what is wanted now. */
    void interestChanged() throws KernelException {
        selector.watch(this);
    }

    @Override
    public long descriptor() {
        return isLost() ? NONE : fd;
    }

    @Override
    public long expose() {
        exposed = true;
        return descriptor();
    }

    @Override
    public int sendBufferSize() throws KernelException {
        return option(selector.system.numbers().soSndbuf());
    }

    @Override
    public void sendBufferSize(int bytes) throws KernelException {
        option(selector.system.numbers().solSocket(), selector.system.numbers().soSndbuf(), bytes);
    }

    @Override
    public int receiveBufferSize() throws KernelException {
        return option(selector.system.numbers().soRcvbuf());
    }

    @Override
    public void receiveBufferSize(int bytes) throws KernelException {
        option(selector.system.numbers().solSocket(), selector.system.numbers().soRcvbuf(), bytes);
    }

    /** Turns the result of a call that reads a stream, where 0 is its end, into the contract's. */
    final int received(int result, String call) throws KernelException {
        int count = doneOrBlocked(result, call);
        return count == 0 ? StreamChannel.END_OF_STREAM : count;
    }

    /** Turns a result that may be a negated EAGAIN into the contract's. */
    final int doneOrBlocked(int result, String call) throws KernelException {
        if (result >= 0) {
            fruitful = true;
            return result;
        }
        if (selector.system.fault(-result) == Fault.EAGAIN) {
            return WOULD_BLOCK;
        }
        fruitful = true;
        if (isLost()) {
            throw lost(call);
        }
        throw selector.system.failure(result, call);
    }

    /** Asks for a socket option of level SOL_SOCKET. */
    final int option(int option) throws KernelException {
        return option(selector, fd(), option);
    }

    static int option(UnixSelector selector, int fd, int option) throws KernelException {
        int value = optionOrError(selector, fd, option);
        selector.system.check(value, "getsockopt");
        return value;
    }

    /** Returns an option whose value is never negative, or the negated errno. */
    static int optionOrError(UnixSelector selector, int fd, int option) {
        MemorySegment numbers = selector.scratch.numbers();
        numbers.set(ValueLayout.JAVA_INT, 4, 4);
        int level = selector.system.numbers().solSocket();
        int result = UnixCalls.getsockopt(
                selector.state, fd, level, option, numbers.address(), numbers.address() + 4);
        return result < 0 ? result : numbers.get(ValueLayout.JAVA_INT, 0);
    }

    /** Sets a socket option. */
    final void option(int level, int option, int value) throws KernelException {
        MemorySegment numbers = selector.scratch.numbers();
        numbers.set(ValueLayout.JAVA_INT, 0, value);
        selector.system.check(
                UnixCalls.setsockopt(selector.state, fd(), level, option, numbers.address(), 4), "setsockopt");
    }

    @Override
    public long duplicate() throws KernelException {
        long copy = selector.duplicate(descriptor());
        shared = true;
        return copy;
    }

    @Override
    public long detach() throws KernelException {
        if (fd < 0) {
            throw new KernelException(Fault.EBADF, 0, "detach");
        }
        SocketCaller used = selector.callers(fd);
        if (used != null && !used.giveAway()) {
            throw new KernelException(Fault.EBUSY, 0, "detach", "another thread is reading or writing, or data was read ahead");
        }
        selector.takeCallers(fd);
        shared = true;
        return release();
    }

    /** Ends the watching and gives the number back without closing it. */
    final int release() {
        if (!isLost()) {
            selector.unwatch(this);
            selector.unregister(fd, this);
        }
        wanted = 0;
        watched = 0;
        int released = fd;
        fd = NONE;
        return released;
    }

    @Override
    public void close() {
        if (isLost()) {
            fd = NONE;
            wanted = 0;
        }
        if (fd != NONE) {
            boolean isShared = shared;
            boolean free = endCallers(true, isShared());
            int released = release();
            if (!free) {
                return;
            }
            if (isShared) {
                closeUnlessStandard(selector.state, released);
            } else {
                UnixCalls.close(selector.state, released);
            }
        }
    }

    /** Ends the watching by hand, since a thread closes the descriptor at a time of its own. */
    final void unwatch() {
        shared = true;
        selector.unwatch(this);
        watched = 0;
    }

    /**
     * Ends the use of the descriptor by other threads.
     *
     * @param closes whether the descriptor is to be closed now
     * @param isShared whether others may hold duplicates of it
     * @return whether this thread is to close it, and not one that is in a call yet
     */
    private boolean endCallers(boolean closes, boolean isShared) {
        SocketCaller used = selector.takeCallers(fd);
        if (used == null) {
            return true;
        }
        if (closes) {
            return used.close(this, isShared);
        }
        used.abandon();
        return true;
    }

    /**
     * Closes a descriptor that was handed in, but never 0, 1 or 2: the next file opened would get that number, and
     * everything in the process that reads System.in or prints would use it. libuv keeps them open for the same reason.
     */
    static void closeUnlessStandard(CallState state, int descriptor) {
        if (descriptor > 2) {
            UnixCalls.close(state, descriptor);
        }
    }
}
