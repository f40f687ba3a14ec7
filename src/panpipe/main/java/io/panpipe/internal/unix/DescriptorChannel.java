/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;

/**
 * A FIFO, an anonymous pipe or a terminal that can be driven without blocking: handed in so, or opened a second time.
 *
 * <p>Where it was opened a second time, the second descriptor is read, written and watched, and the first is kept to be
 * given back; both are closed together, because the other end sees no end of stream before.
 */
final class DescriptorChannel extends NonSocketChannel {

    private final int given;
    private final boolean fifo;

    DescriptorChannel(
            UnixSelector selector, int given, int driven, boolean readable, boolean writable, boolean fifo) {
        super(selector, readable, writable);
        this.given = given;
        this.fifo = fifo;
        opened(driven);
        markShared();
        if (given != driven) {
            selector.register(given, this);
        }
    }

    @Override
    public long descriptor() {
        return fd() < 0 ? NONE : given;
    }

    /**
     * The one that was handed in: a FIFO that was opened without waiting, when its last writer was gone already, is never
     * said to have hung up (Linux: "can't check for EPOLLHUP accurately"), though read(2) finds its end.
     */
    @Override
    public int watchedFd() {
        return given;
    }

    @Override
    public void lose(boolean isOurs) {
        int driven = fd();
        if (given != driven) {
            forget(given);
            // What was opened a second time is this channel's alone.
            super.lose(true);
            if (isOurs) {
                closeUnlessStandard(selector.state, given);
            }
        } else {
            super.lose(isOurs);
        }
    }

    /** All calls here trust the mode of the open file, since read(2) has no such flag. A terminal's bytes are read. */
    @Override
    public boolean neverBlocks() {
        return fifo;
    }

    @Override
    public int read(Region into, int offset, int length) throws KernelException {
        int result = UnixCalls.read(selector.state, fd(), into.address() + offset, length);
        return received(result, "read");
    }

    @Override
    public int write(Gather data) throws KernelException {
        // write(2) to a pipe without reader raises SIGPIPE, which HotSpot handles and ignores, even under -Xrs.
        int result = data.count() == 1
                ? UnixCalls.write(selector.state, fd(), Scratch.addressOf(data, 0), data.length(0))
                : UnixCalls.writev(selector.state, fd(), selector.scratch.vectors(data), data.count());
        return doneOrBlocked(result, "write");
    }

    @Override
    public long detach() throws KernelException {
        int driven = fd();
        super.detach();
        if (given != driven) {
            selector.unregister(given);
            UnixCalls.close(selector.state, driven);
        }
        return given;
    }

    @Override
    public void close() {
        int driven = fd();
        super.close();
        if (driven >= 0 && given != driven) {
            selector.unregister(given);
            closeUnlessStandard(selector.state, given);
        }
    }
}
