/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.ValueLayout;

/** One end of a connection: its HANDLE, what waits to be read, and what is being written. */
final class PipeConnection {

    final PipeHandle handle;
    final boolean readable;
    final boolean writable;
    private final WindowsSelector selector;
    private final boolean isServer;
    private final PipeReader reader;
    private final PipeWriter writer;

    PipeConnection(NamedPipeChannel channel, PipeHandle handle, boolean isServer, boolean readable, boolean writable)
            throws KernelException {
        this.handle = handle;
        this.isServer = isServer;
        this.readable = readable;
        this.writable = writable;
        selector = channel.selector;
        try {
            reader = new PipeReader(channel, handle);
        } catch (KernelException refused) {
            handle.close();
            throw refused;
        }
        writer = new PipeWriter(channel, handle);
    }

    boolean isClosed() {
        return handle.isClosed();
    }

    /** Returns which of the wanted operations can be tried now. */
    int ready(int wanted) {
        int ready = (wanted & Channel.READ) != 0 && reader.isReady() ? Channel.READ : 0;
        return (wanted & Channel.WRITE) != 0 && !writer.isInFlight() ? ready | Channel.WRITE : ready;
    }

    int read(long into, int length) throws KernelException {
        return reader.read(into, length);
    }

    int write(Gather data) throws KernelException {
        writer.begin();
        for (int i = 0, total = 0; i < data.count() && total < PipeWriter.MOST_BYTES; i++) {
            int length = Math.min(data.length(i), PipeWriter.MOST_BYTES - total);
            if (!writer.add(NamedPipeChannel.addressOf(data, i), length)) {
                break;
            }
            total += length;
        }
        return writer.end();
    }

    boolean hasReport() {
        return writer.hasReport();
    }

    void report(ChannelListener listener) {
        writer.report(listener, 0);
    }

    /** Returns the process at the other end, and its user. */
    Credentials peer() throws KernelException {
        int process = peerProcess();
        return new Credentials(process, -1, -1, selector.security().user(process));
    }

    int peerProcess() throws KernelException {
        long number = selector.numbers.address();
        int error = isServer
                ? PipeCalls.clientProcess(selector.state, handle.value, number)
                : PipeCalls.serverProcess(selector.state, handle.value, number);
        if (error != 0) {
            throw WindowsErrors.failure(error, isServer ? "GetNamedPipeClientProcessId" : "GetNamedPipeServerProcessId");
        }
        return selector.numbers.get(ValueLayout.JAVA_INT, 0);
    }

    /** Gives the HANDLE away. It stays with this loop's completion port: another loop drives it by events. */
    long release() throws KernelException {
        checkIdle("detach");
        reader.close();
        return handle.release();
    }

    long duplicate() throws KernelException {
        checkIdle("duplicate");
        return HandleTransfer.duplicateHere(selector, handle.value);
    }

    private void checkIdle(String call) throws KernelException {
        if (writer.isInFlight()) {
            throw new KernelException(Fault.EBUSY, 0, call, "a write is in flight: wait for its callback");
        }
    }

    void close() {
        if (!handle.isClosed()) {
            reader.close();
            handle.close();
        }
    }
}
