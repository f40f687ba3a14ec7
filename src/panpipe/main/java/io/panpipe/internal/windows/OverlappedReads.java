/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.foreign.ValueLayout;

/** The reads of one pipe's HANDLE: the probe, whose end the loop hears of, and those of what is there. */
final class OverlappedReads implements PipeReader.Reads, Operation.Completion {

    private final NamedPipeChannel channel;
    private final WindowsSelector selector;
    private final PipeHandle handle;
    private final Operation probe;
    final PipeReader reader;

    OverlappedReads(NamedPipeChannel channel, PipeHandle handle, MessageMode mode) throws KernelException {
        this.channel = channel;
        this.handle = handle;
        selector = channel.selector;
        probe = handle.take(this);
        reader = new PipeReader(this, mode);
    }

    @Override
    public int probe() {
        handle.begin(probe, this);
        int error = WindowsCalls.readFile(selector.state, handle.value, selector.numbers.address(), 0, probe.address);
        return handle.goesOn(probe, error) ? WindowsErrors.IO_PENDING : error;
    }

    @Override
    public void cancelProbe() {
        handle.cancel(probe);
    }

    @Override
    public void completed(Operation operation) {
        int status = operation.status();
        reader.probed(status == 0 ? 0 : PipeCalls.errorOf(selector.state, status));
        if (handle.isClosed()) {
            selector.operations.giveBack(probe);
        } else {
            channel.hasInput();
        }
    }

    /** Gives up the wait for input before the handle is closed or given away; its end is reported all the same. */
    void close() {
        if (reader.isWaiting()) {
            cancelProbe();
        } else {
            selector.operations.giveBack(probe);
        }
    }

    @Override
    public int available() throws KernelException {
        int error = PipeCalls.peek(selector.state, handle.value, selector.numbers.address());
        if (WindowsErrors.isHangUp(error)) {
            return StreamChannel.END_OF_STREAM;
        }
        if (error != 0) {
            throw WindowsErrors.failure(error, "PeekNamedPipe");
        }
        return selector.numbers.get(ValueLayout.JAVA_INT, 0);
    }

    @Override
    public int read(long into, int length) throws KernelException {
        Operation sync = selector.syncOperation();
        int error = WindowsCalls.readFile(selector.state, handle.value, into, length, sync.address);
        if (error == WindowsErrors.IO_PENDING) {
            // Someone else who has the same end has read it meanwhile. Both sides of the race with the cancellation are
            // right: either it is withdrawn, or it has brought something.
            handle.cancel(sync);
            if (!selector.awaitSync()) {
                throw new KernelException(Fault.EIO, error, "CancelIoEx", "the system does not let go of a read");
            }
            error = sync.status() == 0 ? 0 : PipeCalls.errorOf(selector.state, sync.status());
            if (error == WindowsErrors.OPERATION_ABORTED) {
                return StreamChannel.WOULD_BLOCK;
            }
        }
        if (WindowsErrors.isHangUp(error)) {
            return StreamChannel.END_OF_STREAM;
        }
        // MORE_DATA: a part of a message, whose rest the next read gets.
        if (error != 0 && error != WindowsErrors.MORE_DATA) {
            throw WindowsErrors.failure(error, "ReadFile");
        }
        return sync.bytes();
    }
}
