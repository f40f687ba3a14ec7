/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A pipe of Windows as the selector knows it, however its bytes are moved; and what no pipe of Windows can do. */
abstract class WindowsChannel implements PipeChannel {

    final WindowsSelector selector;

    /** Whether the selector has it on its list of channels to be asked, and in its batch. */
    boolean isAsked;
    boolean isInBatch;

    private @Nullable ChannelListener listener;

    WindowsChannel(WindowsSelector selector) {
        this.selector = selector;
    }

    @Override
    public final void listener(ChannelListener next) {
        listener = next;
    }

    final ChannelListener listener() {
        return Objects.requireNonNull(listener, "listener");
    }

    /** Has itself dispatched if it is ready for something; otherwise a completion will do so. */
    abstract void findReady();

    /** Tells the listener what there is to tell. */
    abstract void dispatch();

    /** Returns where in memory a piece of a gathered write is. */
    static long addressOf(Gather data, int piece) {
        Region region = data.region(piece);
        long base = region != null ? region.address() : LoopMemory.address(data.bytes(piece));
        return base + data.offset(piece);
    }

    @Override
    public final boolean writesInFlight() {
        return true;
    }

    @Override
    public boolean halfCloses() {
        return false;
    }

    @Override
    public void shutdownOutput() throws KernelException {
        throw new KernelException(Fault.ENOTSUP, 0, "shutdown",
                "a pipe of Windows has no half-close, if it is not one of messages: close it, or say in the protocol that"
                        + " this was all");
    }

    @Override
    public final void finishConnect() {
        throw new IllegalStateException("a named pipe is connected at once or not at all");
    }

    private static KernelException noBuffers(String call) {
        return new KernelException(Fault.ENOTSUP, 0, call, "the buffers of a named pipe are fixed when it is made");
    }

    @Override
    public final int sendBufferSize() throws KernelException {
        throw noBuffers("sendBufferSize");
    }

    @Override
    public final void sendBufferSize(int bytes) throws KernelException {
        throw noBuffers("sendBufferSize");
    }

    @Override
    public final int receiveBufferSize() throws KernelException {
        throw noBuffers("receiveBufferSize");
    }

    @Override
    public final void receiveBufferSize(int bytes) throws KernelException {
        throw noBuffers("receiveBufferSize");
    }
}
