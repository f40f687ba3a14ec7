/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket as threads use it that are not its loop's. Only memory that nobody can close is lent to the system; other
 * bytes are copied, under the JDK's own guard.
 */
public final class SocketCaller implements CallerStream {

    /** The most bytes of one write, so that their sum is an int. */
    private static final int MOST_BYTES = 1 << 30;

    private final UnixSelector selector;
    private final CallerPoll poll;
    private final Listener listener;
    private final int fd;
    private final int generation;
    private final int receiveFlags;
    private final int sendFlags;
    private final DescriptorGate gate = new DescriptorGate();

    // A thread makes its waker known, and then looks whether the channel closes; who closes says so, and then looks for a waker.
    // One of the two sees the other, which needs one order of all four: each of them is volatile.
    private volatile @Nullable CallerWaker readWaker;
    private volatile @Nullable CallerWaker writeWaker;
    private volatile boolean closing;

    /** Whether others may hold duplicates of the descriptor; set before the gate is closed, and read by who leaves last. */
    private boolean shared;

    // The reader's, written without a fence.
    private boolean inputKnown;
    private long bytesRead;

    // The writer's.
    private boolean outputKnown;
    private long bytesWritten;

    SocketCaller(UnixSelector selector, CallerPoll poll, Listener listener, UnixChannel channel) {
        this.selector = selector;
        this.poll = poll;
        this.listener = listener;
        fd = channel.fd();
        generation = channel.generation();
        UnixSystem.Numbers numbers = selector.system.numbers();
        receiveFlags = numbers.msgDontwait();
        sendFlags = numbers.msgDontwait() | numbers.msgNosignal();
    }

    /** Returns who is told when to try again. */
    public Listener listener() {
        return listener;
    }

    /** Returns the number of the channel's registration. */
    public int generation() {
        return generation;
    }

    // Any thread.

    @Override
    public int read(ByteBuffer[] targets, int from, int end) throws KernelException {
        int first = from;
        while (first < end && !targets[first].hasRemaining()) {
            first++;
        }
        CallerScratch scratch = enter();
        if (scratch == null) {
            return CLOSED;
        }
        try {
            return read(scratch, targets, first, end);
        } finally {
            leave(scratch);
        }
    }

    private int read(CallerScratch scratch, ByteBuffer[] targets, int first, int end) throws KernelException {
        ByteBuffer target = targets[first];
        boolean inPlace = (first == end - 1 || target.remaining() >= CallerScratch.BYTES) && selector.borrows(target);
        int result;
        if (inPlace) {
            int at = target.position();
            result = UnixCalls.recv(scratch.state, fd, LoopMemory.address(target) + at, target.remaining(), receiveFlags);
            Reference.reachabilityFence(target);
            if (result > 0) {
                target.position(at + result);
            }
        } else {
            int room = Math.min(CallerScratch.BYTES, room(targets, first, end));
            result = UnixCalls.recv(scratch.state, fd, scratch.address(), room, receiveFlags);
            if (result > 0) {
                result = place(scratch.bytes().limit(result).position(0), targets, first, end);
            }
        }
        if (result > 0) {
            bytesRead += result;
            return result;
        }
        return result == 0 ? END_OF_STREAM : blockedOrRefused(result, "recv");
    }

    private static int room(ByteBuffer[] targets, int first, int end) {
        int room = 0;
        for (int i = first; i < end && room < CallerScratch.BYTES; i++) {
            room += Math.min(CallerScratch.BYTES, targets[i].remaining());
        }
        return room;
    }

    /**
     * Copies what was read; returns how much. What a buffer does not take must not be lost, whatever is thrown; and nothing is
     * thrown where another buffer has taken something.
     */
    private int place(ByteBuffer data, ByteBuffer[] targets, int first, int end) {
        int length = data.remaining();
        try {
            for (int i = first; i < end && data.hasRemaining(); i++) {
                ByteBuffer target = targets[i];
                int part = Math.min(target.remaining(), data.remaining());
                target.put(target.position(), data, data.position(), part);
                target.position(target.position() + part);
                data.position(data.position() + part);
            }
        } catch (Throwable refused) {
            int placed = data.position();
            listener.unplaced(data);
            bytesRead += length - placed;
            if (placed == 0) {
                throw refused;
            }
            return placed;
        }
        return length;
    }

    @Override
    public int write(ByteBuffer[] sources, int from, int end) throws KernelException {
        CallerScratch scratch = enter();
        if (scratch == null) {
            return CLOSED;
        }
        try {
            return end - from == 1 ? writeOne(scratch, sources[from]) : writeSome(scratch, sources, from, end);
        } finally {
            leave(scratch);
        }
    }

    private int writeOne(CallerScratch scratch, ByteBuffer source) throws KernelException {
        int length = source.remaining();
        int at = source.position();
        int result;
        if (selector.borrows(source)) {
            result = UnixCalls.send(scratch.state, fd, LoopMemory.address(source) + at, length, sendFlags);
            Reference.reachabilityFence(source);
        } else {
            length = Math.min(length, CallerScratch.BYTES);
            scratch.bytes().clear().put(0, source, at, length);
            result = UnixCalls.send(scratch.state, fd, scratch.address(), length, sendFlags);
        }
        if (result < 0) {
            return blockedOrNotNow(result, "send");
        }
        source.position(at + result);
        bytesWritten += result;
        return result;
    }

    private int writeSome(CallerScratch scratch, ByteBuffer[] sources, int from, int end) throws KernelException {
        int count = 0;
        int copied = 0;
        int total = 0;
        for (int i = from; i < end && count < CallerScratch.PIECES && total < MOST_BYTES; i++) {
            ByteBuffer source = sources[i];
            int length = Math.min(source.remaining(), MOST_BYTES - total);
            if (length == 0) {
                continue;
            }
            if (selector.borrows(source)) {
                scratch.piece(count, LoopMemory.address(source) + source.position(), length);
            } else {
                int part = Math.min(length, CallerScratch.BYTES - copied);
                if (part == 0) {
                    break;
                }
                try {
                    scratch.bytes().clear().put(copied, source, source.position(), part);
                } catch (Throwable refused) {
                    if (count > 0) {
                        // What is before it leaves first; the next call meets the trouble, and tells it.
                        break;
                    }
                    throw refused;
                }
                scratch.piece(count, scratch.address() + copied, part);
                copied += part;
                if (part < length) {
                    total += part;
                    count++;
                    break;
                }
            }
            total += length;
            count++;
        }
        int result = UnixCalls.sendmsg(scratch.state, fd, scratch.message(selector.system.layouts(), count), sendFlags);
        Reference.reachabilityFence(sources);
        if (result < 0) {
            return blockedOrNotNow(result, "sendmsg");
        }
        int left = result;
        // A buffer that was named twice has left twice, and can be moved on but once.
        for (int i = from; i < end && left > 0; i++) {
            int part = Math.min(left, sources[i].remaining());
            sources[i].position(sources[i].position() + part);
            left -= part;
        }
        bytesWritten += result;
        return result;
    }

    private int blockedOrNotNow(int result, String call) throws KernelException {
        return selector.system.fault(-result) == Fault.ENOBUFS ? NOT_NOW : blockedOrRefused(result, call);
    }

    private int blockedOrRefused(int result, String call) throws KernelException {
        if (selector.system.fault(-result) == Fault.EAGAIN) {
            return WOULD_BLOCK;
        }
        throw selector.system.failure(result, call);
    }

    @Override
    public int available() throws KernelException {
        CallerScratch scratch = enter();
        if (scratch == null) {
            return 0;
        }
        try {
            return selector.system.check(
                    UnixCalls.bytesToRead(
                            scratch.state, fd, selector.system.fionread(), scratch.smallAddress(), scratch.small()),
                    "ioctl");
        } finally {
            leave(scratch);
        }
    }

    @Override
    public void watchRead(boolean on) throws KernelException {
        CallerScratch scratch = enter();
        if (scratch == null) {
            listener.readable();
            return;
        }
        try {
            selector.system.check(poll.input(
                    scratch.state, scratch.small(), scratch.smallAddress(), fd, generation, !inputKnown, on), "epoll_ctl");
            inputKnown = true;
        } finally {
            leave(scratch);
        }
    }

    @Override
    public void awaitWrite() throws KernelException {
        CallerScratch scratch = enter();
        if (scratch == null) {
            listener.writable();
            return;
        }
        try {
            selector.system.check(poll.output(
                    scratch.state, scratch.small(), scratch.smallAddress(), fd, generation, !outputKnown), "epoll_ctl");
            outputKnown = true;
        } finally {
            leave(scratch);
        }
    }

    @Override
    public boolean mayPark(boolean input) {
        if (!gate.enter()) {
            return false;
        }
        CallerWaker waker = null;
        try {
            waker = poll.takeWaker();
        } finally {
            if (waker == null) {
                leave();
            }
        }
        if (waker == null) {
            return false;
        }
        waker.begin();
        if (input) {
            readWaker = waker;
        } else {
            writeWaker = waker;
        }
        if (closing) {
            waker.wake();
        }
        return true;
    }

    @Override
    public int park(boolean input, long nanos) {
        CallerWaker mine = input ? readWaker : writeWaker;
        if (mine == null) {
            return UNABLE;
        }
        int result = mine.block(fd, input, nanos);
        // Whatever it tries now finds the stream closed, even if its channel knows nothing of that yet.
        return closing ? READY : result;
    }

    @Override
    public void parked(boolean input) {
        CallerWaker waker = input ? readWaker : writeWaker;
        if (waker != null) {
            if (input) {
                readWaker = null;
            } else {
                writeWaker = null;
            }
            waker.end();
            poll.giveBack(waker);
            leave();
        }
    }

    @Override
    public void wake(boolean input) {
        CallerWaker waker = input ? readWaker : writeWaker;
        if (waker != null) {
            waker.wake();
        }
    }

    /** Holds the descriptor, and returns memory for one call; null where the channel was closed, or given away. */
    private @Nullable CallerScratch enter() {
        if (!gate.enter()) {
            return null;
        }
        try {
            return CallerScratch.take();
        } catch (Throwable noMemory) {
            leave();
            throw noMemory;
        }
    }

    private void leave(CallerScratch scratch) {
        if (gate.leave()) {
            closeDescriptor(scratch);
        }
        scratch.giveBack();
    }

    private void leave() {
        if (gate.leave()) {
            closeDescriptor();
        }
    }

    /** The last one to leave, after the channel was closed, closes the descriptor. */
    private void closeDescriptor() {
        CallerScratch scratch;
        try {
            scratch = CallerScratch.take();
        } catch (Throwable noMemory) {
            // Nobody else would close it. What the thread came for has been done, and is not to fail for this.
            synchronized (CallerScratch.LAST) {
                closeDescriptor(CallerScratch.LAST);
            }
            return;
        }
        closeDescriptor(scratch);
        scratch.giveBack();
    }

    private void closeDescriptor(CallerScratch scratch) {
        if (shared) {
            forget(scratch.state, scratch.small(), scratch.smallAddress());
            UnixChannel.closeUnlessStandard(scratch.state, fd);
        } else {
            UnixCalls.close(scratch.state, fd);
        }
    }

    private void forget(CallState state, ByteBuffer event, long address) {
        if (inputKnown || outputKnown) {
            poll.forget(state, event, address, fd, inputKnown, outputKnown);
        }
    }

    /** On the loop's thread, with the loop's memory: a descriptor is closed, or given away, even where there is no more. */
    private void forget() {
        Region room = selector.callerRoom();
        forget(selector.state, room.bytes(), room.address());
    }

    @Override
    public long bytesRead() {
        return bytesRead;
    }

    @Override
    public long bytesWritten() {
        return bytesWritten;
    }

    // The loop's thread.

    /**
     * The channel is being closed.
     *
     * @param channel whose descriptor this is
     * @param isShared whether others may hold duplicates of the descriptor
     * @return whether the descriptor is closed by the channel, rather than by the last thread that uses it
     */
    boolean close(UnixChannel channel, boolean isShared) {
        shared = isShared;
        tellClosed();
        if (!gate.shut()) {
            // As long as nobody else may close it: epoll_ctl(2) needs the number to end the watching.
            channel.unwatch();
            if (!gate.hand()) {
                return false;
            }
        }
        if (isShared) {
            forget();
        }
        return true;
    }

    /** The descriptor is being given away; tells whether no call uses it any more. */
    boolean giveAway() {
        if (listener.isBusy() || readWaker != null || writeWaker != null || !gate.shutIfEmpty()) {
            return false;
        }
        forget();
        tellClosed();
        return true;
    }

    @Override
    public void end() {
        gate.forbid();
        selector.takeCallers(fd);
    }

    /** The number is another file's by now, or nobody's. */
    void abandon() {
        tellClosed();
    }

    /** Lets nobody begin anything any more, and has those leave that wait. */
    private void tellClosed() {
        gate.forbid();
        closing = true;
        wake(true);
        wake(false);
        listener.readable();
        listener.writable();
    }
}
