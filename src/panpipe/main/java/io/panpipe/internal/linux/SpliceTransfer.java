/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixChannel;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes by splice(2), through a pipe that is borrowed from the loop while there is something in it.
 *
 * <p>splice(2) has no flag like MSG_DONTWAIT for a socket: SPLICE_F_NONBLOCK concerns the pipe alone. So it is used only
 * between channels of which it is certain that they never block.
 */
final class SpliceTransfer implements Transfer {

    /**
     * From how many bytes at once splicing is cheaper than copying (measured). It takes a place in the pipe for each
     * message, and two calls, so for small messages it costs more. Up to 16 KiB of each message are copied all the same,
     * once, because a Unix domain socket does not keep them in a page of their own.
     */
    private static final int WORTHWHILE = 4 * 1024;

    private final KernelPipe.Pool pipes;
    private final CallState state;
    private final UnixChannel source;
    private final UnixChannel sink;
    private @Nullable KernelPipe pipe;
    private int held;
    private boolean unable;

    SpliceTransfer(KernelPipe.Pool pipes, CallState state, UnixChannel source, UnixChannel sink) {
        this.pipes = pipes;
        this.state = state;
        this.source = source;
        this.sink = sink;
    }

    @Override
    public boolean pays(int bytes) {
        return bytes >= WORTHWHILE;
    }

    @Override
    public int take() throws KernelException {
        if (unable || !source.neverBlocks() || !sink.neverBlocks()) {
            return UNABLE;
        }
        KernelPipe borrowed = pipes.take();
        if (borrowed == null) {
            return READ_INSTEAD;
        }
        int result = LinuxCalls.splice(state, source.fd(), borrowed.input(), KernelPipe.CAPACITY);
        if (result > 0) {
            pipe = borrowed;
            held = result;
            source.fruitful(true);
            return result;
        }
        pipes.giveBack(borrowed);
        // Neither is believed: before an urgent byte of TCP splice(2) answers EAGAIN, and 0 once the FIN is there, as often
        // as it is asked, while recv(2) reads on behind that byte.
        return result == 0 || answer(result) == StreamChannel.WOULD_BLOCK ? READ_INSTEAD : UNABLE;
    }

    @Override
    public int give() throws KernelException {
        if (unable || !sink.neverBlocks()) {
            return UNABLE;
        }
        int result = LinuxCalls.splice(state, borrowed().output(), sink.fd(), held);
        if (result <= 0) {
            return answer(result);
        }
        sink.fruitful(true);
        remove(result);
        return result;
    }

    private int answer(int result) throws KernelException {
        return switch (LinuxSystem.INSTANCE.fault(-result)) {
            case EAGAIN -> StreamChannel.WOULD_BLOCK;
            // A file that does not splice, a filter of system calls, no page left: copying does without.
            case EINVAL, ENOSYS, EPERM, ENOMEM, ENOBUFS -> {
                unable = true;
                yield UNABLE;
            }
            default -> throw LinuxSystem.INSTANCE.failure(result, "splice");
        };
    }

    @Override
    public int takeBack(Region into, int offset, int length) {
        int result = UnixCalls.read(state, borrowed().output(), into.address() + offset, Math.min(length, held));
        if (result <= 0) {
            throw new IllegalStateException("a pipe does not give back " + held + " bytes: " + result);
        }
        remove(result);
        return result;
    }

    @Override
    public void discard() {
        KernelPipe abandoned = pipe;
        if (abandoned != null) {
            pipe = null;
            held = 0;
            pipes.discard(abandoned);
        }
    }

    private KernelPipe borrowed() {
        KernelPipe present = pipe;
        if (present == null) {
            throw new IllegalStateException("nothing is held");
        }
        return present;
    }

    private void remove(int bytes) {
        held -= bytes;
        if (held == 0) {
            pipes.giveBack(borrowed());
            pipe = null;
        }
    }
}
