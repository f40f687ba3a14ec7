/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.ValueLayout;

/** Opens the client's end of a pipe. */
final class PipeClient {

    private static final int FILE_FLAG_OVERLAPPED = 0x40000000;

    /** The server may learn who the client is, and not act in its name (SECURITY_IDENTIFICATION). */
    private static final int QUALITY_OF_SERVICE = 0x100000 | 0x10000;

    private static final int PIPE_TYPE_MESSAGE = 4;

    private PipeClient() {}

    /**
     * Connects to a pipe, which never blocks on this machine.
     *
     * @throws KernelException EAGAIN if all instances have their clients just now
     */
    static PipeConnection open(NamedPipeChannel channel, String name) throws KernelException {
        WindowsSelector selector = channel.selector;
        long text = selector.text(name);
        long handle = open(selector, text, PipeAccess.READ | PipeAccess.WRITE);
        int error = selector.state.error();
        boolean reads = true;
        boolean writes = true;
        if (handle == WindowsCalls.INVALID_HANDLE && error == WindowsErrors.ACCESS_DENIED) {
            // The server may have made it for one direction.
            writes = false;
            handle = open(selector, text, PipeAccess.READ | PipeAccess.WRITE_ATTRIBUTES);
            if (handle == WindowsCalls.INVALID_HANDLE) {
                reads = false;
                writes = true;
                error = busyOr(error, selector.state.error());
                handle = open(selector, text, PipeAccess.WRITE | PipeAccess.READ_ATTRIBUTES);
                error = busyOr(error, selector.state.error());
            }
        }
        if (handle == WindowsCalls.INVALID_HANDLE) {
            throw WindowsErrors.failure(error, "CreateFile");
        }
        PipeHandle own = PipeHandle.own(selector, handle);
        try {
            MessageMode mode = messageMode(selector, handle);
            return new PipeConnection(channel, own, false, reads, writes, mode);
        } catch (KernelException refused) {
            own.close();
            throw refused;
        }
    }

    /** Finds out whether it is a pipe of messages, and reads them one by one if so. */
    private static MessageMode messageMode(WindowsSelector selector, long handle) throws KernelException {
        int error = PipeCalls.pipeInfo(selector.state, handle, selector.numbers.address());
        if (error != 0) {
            throw WindowsErrors.failure(error, "GetNamedPipeInfo");
        }
        if ((selector.numbers.get(ValueLayout.JAVA_INT, 0) & PIPE_TYPE_MESSAGE) == 0) {
            return MessageMode.BYTES;
        }
        selector.numbers.set(ValueLayout.JAVA_INT, 0, PipeAdoption.MESSAGES_AND_WAIT);
        error = PipeCalls.pipeState(selector.state, handle, selector.numbers.address());
        return error == 0 ? MessageMode.MESSAGES : MessageMode.MESSAGES_AS_BYTES;
    }

    /** Of a server of one direction that is busy, only the attempt in that direction says so. */
    private static int busyOr(int error, int next) {
        return next == WindowsErrors.PIPE_BUSY ? next : error;
    }

    private static long open(WindowsSelector selector, long name, int access) {
        return PipeCalls.openExisting(selector.state, name, access, FILE_FLAG_OVERLAPPED | QUALITY_OF_SERVICE);
    }
}
