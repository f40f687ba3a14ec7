/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket of any address family.
 *
 * <p>Every call says MSG_DONTWAIT, so that a socket handed in from elsewhere may keep its blocking mode, which it shares
 * with whoever else holds it.
 */
public abstract class StreamSocket extends UnixChannel implements StreamChannel {

    private static final short POLLIN = 1;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;

    private boolean blocking;

    StreamSocket(UnixSelector selector) {
        super(selector);
    }

    /** Notes that the socket was handed in in blocking mode. */
    void markBlocking() {
        blocking = true;
    }

    @Override
    public int read(Region into, int offset, int length) throws KernelException {
        int result = UnixCalls.recv(
                selector.state, fd(), into.address() + offset, length, selector.system.numbers().msgDontwait());
        return received(result, "recv");
    }

    @Override
    public @Nullable CallerStream callers(CallerStream.Listener listener) {
        CallerPoll poll = selector.callerPoll();
        if (poll == null || fd() < 0) {
            return null;
        }
        selector.callerRoom();
        SocketCaller used = new SocketCaller(selector, poll, listener, this);
        selector.callers(fd(), used);
        return used;
    }

    @Override
    public boolean neverBlocks() {
        return !isShared();
    }

    @Override
    public boolean readable() {
        return true;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public boolean writesInFlight() {
        return false;
    }

    @Override
    public int write(Gather data) throws KernelException {
        UnixSystem.Numbers numbers = selector.system.numbers();
        int flags = numbers.msgDontwait() | numbers.msgNosignal();
        if (mayWait() && data.total() > 0) {
            return writeSome(data, flags);
        }
        boolean single = data.count() == 1;
        int result = single
                ? UnixCalls.send(selector.state, fd(), Scratch.addressOf(data, 0), data.length(0), flags)
                : UnixCalls.sendmsg(selector.state, fd(), selector.scratch.message(data), flags);
        return written(result, single ? "send" : "sendmsg");
    }

    private int written(int result, String call) throws KernelException {
        if (result > 0) {
            selector.wrote(this, result);
        }
        return doneOrBlocked(result >= 0 ? result : selector.system.refusedWrite(result), call);
    }

    /** Tells whether a send might wait in spite of MSG_DONTWAIT. */
    final boolean mayWait() {
        return blocking && !selector.system.sendsWithoutWaiting();
    }

    /** Writes what there certainly is room for, of the first piece. */
    private int writeSome(Gather data, int flags) throws KernelException {
        int room = selector.system.roomOfBlocking(selector.state, selector.scratch, fd());
        if (room == 0) {
            return WOULD_BLOCK;
        }
        int result = UnixCalls.send(
                selector.state, fd(), Scratch.addressOf(data, 0), Math.min(room, data.length(0)), flags);
        return written(result, "send");
    }

    @Override
    public void shutdownOutput() throws KernelException {
        UnixSystem system = selector.system;
        int result = UnixCalls.shutdown(selector.state, fd(), UnixSystem.SHUT_WR);
        if (result < 0 && !system.isShutAlready(system.fault(-result))) {
            throw system.failure(result, "shutdown");
        }
        selector.outputShut(this);
    }

    @Override
    public void listen(int backlog) throws KernelException {
        selector.system.check(UnixCalls.listen(selector.state, fd(), backlog), "listen");
    }

    /** Takes a waiting connection's descriptor, or {@link #WOULD_BLOCK}. */
    final int acceptDescriptor() throws KernelException {
        if (blocking && !isLost() && !isReadableNow()) {
            return WOULD_BLOCK;
        }
        while (true) {
            int result = selector.system.accept(selector.state, fd(), blocking);
            // accept(2): a connection that died in the queue is no error of the listener.
            if (result >= 0 || selector.system.fault(-result) != Fault.ECONNABORTED) {
                return doneOrBlocked(result, "accept");
            }
        }
    }

    /**
     * Asks whether there is something to read or accept. A listener in blocking mode is asked first, since accept(2) has
     * no flag that says not to wait.
     */
    final boolean isReadableNow() throws KernelException {
        int ready = selector.system.poll(selector.state, selector.scratch, fd(), POLLIN);
        return (selector.system.check(ready, "poll") & POLLIN) != 0;
    }

    /**
     * Makes a socket that was handed in in blocking mode non-blocking for the time of one connect(2), which has no flag
     * like MSG_DONTWAIT; or restores its mode.
     */
    final void connecting(boolean begins) throws KernelException {
        if (blocking) {
            int flags = selector.system.check(UnixCalls.fcntl(selector.state, fd(), F_GETFL, 0), "fcntl");
            int nonblock = selector.system.numbers().oNonblock();
            int wanted = begins ? flags | nonblock : flags & ~nonblock;
            selector.system.check(UnixCalls.fcntl(selector.state, fd(), F_SETFL, wanted), "fcntl");
        }
    }

    @Override
    public void finishConnect() throws KernelException {
        fruitful(true);
        int errno = option(selector.system.numbers().soError());
        if (errno != 0) {
            throw selector.system.failure(-errno, "connect");
        }
    }
}
