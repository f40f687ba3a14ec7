/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;

/**
 * The incoming direction of one pipe: a completion port tells of ended operations and not of readiness, so a read of no
 * bytes waits in the kernel, takes nothing, and ends when there is something to read.
 */
final class PipeReader implements Operation.Completion, FrameReader.Source {

    private final NamedPipeChannel channel;
    private final WindowsSelector selector;
    private final PipeHandle handle;
    private final Operation probe;
    private boolean waiting;

    PipeReader(NamedPipeChannel channel, PipeHandle handle) throws KernelException {
        this.channel = channel;
        this.handle = handle;
        selector = channel.selector;
        probe = handle.take(this);
    }

    /** Tells whether there is something to read, if only an end or an error; otherwise the channel hears when there is. */
    boolean isReady() {
        if (!waiting) {
            handle.begin(probe, this);
            int error = WindowsCalls.readFile(
                    selector.state, handle.value, selector.numbers.address(), 0, probe.address);
            waiting = handle.goesOn(probe, error);
            return !waiting;
        }
        return false;
    }

    @Override
    public void completed(Operation operation) {
        waiting = false;
        if (handle.isClosed()) {
            selector.operations.giveBack(probe);
        } else {
            channel.hasInput();
        }
    }

    /** Gives up the wait for input before the handle is closed or given away; its end is reported all the same. */
    void close() {
        if (waiting) {
            handle.cancel(probe);
        } else {
            selector.operations.giveBack(probe);
        }
    }

    @Override
    public int read(long into, int length) throws KernelException {
        Operation sync = selector.syncOperation();
        int error = WindowsCalls.readFile(selector.state, handle.value, into, length, sync.address);
        if (error == WindowsErrors.IO_PENDING) {
            // Nothing was there after all: someone else has read it, or a writer has written no bytes. Both sides of the
            // race with the cancellation are right: either it is withdrawn, or it has brought something.
            WindowsCalls.cancelIo(selector.state, handle.value, sync.address);
            error = WindowsCalls.awaitResult(
                    selector.state, handle.value, sync.address, selector.numbers.address());
            if (error == WindowsErrors.OPERATION_ABORTED) {
                return StreamChannel.WOULD_BLOCK;
            }
        }
        if (WindowsErrors.isHangUp(error)) {
            return StreamChannel.END_OF_STREAM;
        }
        // MORE_DATA: a pipe of messages in message mode, whose rest the next read gets.
        if (error != 0 && error != WindowsErrors.MORE_DATA) {
            throw WindowsErrors.failure(error, "ReadFile");
        }
        // A write of no bytes ends a read without any.
        return sync.bytes() == 0 ? StreamChannel.WOULD_BLOCK : sync.bytes();
    }
}
