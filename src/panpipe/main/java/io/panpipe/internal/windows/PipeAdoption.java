/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds out what an open HANDLE is, and makes a channel of it. */
final class PipeAdoption {

    private static final int FILE_TYPE_PIPE = 3;

    /** NtQueryInformationFile's kinds of answers, and where in them is what. */
    private static final int FILE_MODE_INFORMATION = 16;
    private static final int FILE_ACCESS_INFORMATION = 8;
    private static final int FILE_PIPE_LOCAL_INFORMATION = 24;
    private static final int LOCAL_INFORMATION_BYTES = 40;
    private static final long LOCAL_STATE = 32;
    private static final long LOCAL_END = 36;
    private static final int FILE_SYNCHRONOUS_IO = 0x30;
    private static final int STATE_CONNECTED = 3;
    private static final int STATE_CLOSING = 4;
    private static final int SERVER_END = 1;
    private static final int FILE_READ_DATA = 1;
    private static final int FILE_WRITE_DATA = 2;

    private static final int FILE_PIPE_INFORMATION = 23;
    private static final int PIPE_INFORMATION_BYTES = 8;
    private static final long READ_MODE = 0;
    private static final long COMPLETION_MODE = 4;
    private static final int MESSAGE = 1;
    private static final int NO_WAIT = 1;

    /** What SetNamedPipeHandleState takes. */
    static final int MESSAGES_AND_WAIT = 2;

    private static final int BYTES_AND_WAIT = 0;

    private PipeAdoption() {}

    static HandleKind kindOf(WindowsSelector selector, long handle) throws KernelException {
        checkOpen(selector, handle);
        return isPipe(selector, handle) ? HandleKind.PIPE : HandleKind.OTHER;
    }

    private static void checkOpen(WindowsSelector selector, long handle) throws KernelException {
        // The pseudo-handles of the current process and thread are small negative numbers.
        if (handle <= 0
                || PipeCalls.handleInformation(selector.state, handle, selector.numbers.address()) != 0) {
            throw new KernelException(Fault.EBADF, WindowsErrors.INVALID_HANDLE, "open");
        }
    }

    /** Tells a pipe from a socket, which is a FILE_TYPE_PIPE too. */
    private static boolean isPipe(WindowsSelector selector, long handle) {
        return PipeCalls.fileType(selector.state, handle) == FILE_TYPE_PIPE
                && PipeCalls.pipeInfo(selector.state, handle, 0) == 0;
    }

    static WindowsChannel adopt(WindowsSelector selector, long handle) throws KernelException {
        checkOpen(selector, handle);
        if (!isPipe(selector, handle)) {
            throw new KernelException(Fault.EINVAL, 0, "open", "this HANDLE is no pipe's");
        }
        boolean isSynchronous = (number(selector, handle, FILE_MODE_INFORMATION) & FILE_SYNCHRONOUS_IO) != 0;
        int access = number(selector, handle, FILE_ACCESS_INFORMATION);
        MemorySegment local = query(selector, handle, FILE_PIPE_LOCAL_INFORMATION, LOCAL_INFORMATION_BYTES);
        int pipeState = local.get(ValueLayout.JAVA_INT, LOCAL_STATE);
        boolean hasMessages = local.get(ValueLayout.JAVA_INT, 0) == MESSAGE;
        boolean isServer = local.get(ValueLayout.JAVA_INT, LOCAL_END) == SERVER_END;
        if (pipeState != STATE_CONNECTED && pipeState != STATE_CLOSING) {
            throw new KernelException(Fault.EINVAL, 0, "open", "this pipe is not connected");
        }
        MessageMode mode = prepare(selector, handle, hasMessages);
        boolean readable = (access & FILE_READ_DATA) != 0;
        boolean writable = (access & FILE_WRITE_DATA) != 0;
        if (isSynchronous) {
            return new SynchronousPipe(selector, handle, readable, writable, mode);
        }
        NamedPipeChannel channel = new NamedPipeChannel(selector);
        PipeHandle adopted = PipeHandle.adopt(selector, handle);
        try {
            channel.connected(new PipeConnection(channel, adopted, isServer, readable, writable, mode));
        } catch (KernelException refused) {
            adopted.release();
            throw refused;
        }
        return channel;
    }

    /** Has reads wait for data, and messages read one by one. */
    private static MessageMode prepare(WindowsSelector selector, long handle, boolean hasMessages)
            throws KernelException {
        selector.numbers.set(ValueLayout.JAVA_INT, 0, hasMessages ? MESSAGES_AND_WAIT : BYTES_AND_WAIT);
        boolean changed = PipeCalls.pipeState(selector.state, handle, selector.numbers.address()) == 0;
        boolean isReadAsMessages = changed;
        if (!changed) {
            // Refused where the access does not include attributes: it stays in the mode it is in.
            MemorySegment present = query(selector, handle, FILE_PIPE_INFORMATION, PIPE_INFORMATION_BYTES);
            if (present.get(ValueLayout.JAVA_INT, COMPLETION_MODE) == NO_WAIT) {
                // Its reads would end at once, whether there is something or not, and the loop would go round and round.
                throw new KernelException(Fault.EINVAL, 0, "open",
                        "this HANDLE does not wait (PIPE_NOWAIT), and has no right to change that"
                                + " (FILE_WRITE_ATTRIBUTES)");
            }
            isReadAsMessages = present.get(ValueLayout.JAVA_INT, READ_MODE) == MESSAGE;
        }
        if (!hasMessages) {
            return MessageMode.BYTES;
        }
        return isReadAsMessages ? MessageMode.MESSAGES : MessageMode.MESSAGES_AS_BYTES;
    }

    private static int number(WindowsSelector selector, long handle, int kind) throws KernelException {
        return query(selector, handle, kind, Integer.BYTES).get(ValueLayout.JAVA_INT, 0);
    }

    private static MemorySegment query(WindowsSelector selector, long handle, int kind, int length)
            throws KernelException {
        MemorySegment answer = selector.answers;
        // An IO_STATUS_BLOCK is the address and length of the result: the first half of an OVERLAPPED.
        int status = PipeCalls.queryFile(
                selector.state, handle, selector.numbers.address(), answer.address(), length, kind);
        if (status != 0) {
            throw WindowsErrors.failure(PipeCalls.errorOf(selector.state, status), "NtQueryInformationFile");
        }
        return answer;
    }
}
