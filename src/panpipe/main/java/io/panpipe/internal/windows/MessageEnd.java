/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Says to the other end of a pipe of messages that no more will come, by a message of no bytes.
 *
 * <p>First all before it has to be read: who reads messages as bytes, as Docker does, passes over an empty one that is
 * joined to another (go-winio #42). To wait for that is the work of a thread.
 */
final class MessageEnd extends SynchronousThread {

    private static final int LOOK_MILLIS = 100;
    private static final int MOST_CANCEL_MILLIS = 2_000;

    private final WindowsSelector selector;
    private final SynchronousHandle file;

    private MessageEnd(NamedPipeChannel channel, SynchronousHandle file) {
        super(channel, file, true);
        selector = channel.selector;
        this.file = file;
    }

    /** Begins, by a HANDLE of its own: that of the pipe may be closed, or given away, meanwhile. */
    static MessageEnd begin(NamedPipeChannel channel, long handle) throws KernelException {
        long own = HandleTransfer.duplicateHere(channel.selector, handle);
        MessageEnd begun = new MessageEnd(channel, new SynchronousHandle(own));
        try {
            begun.start();
        } catch (Throwable noThread) {
            channel.selector.closeDescriptor(own);
            throw noThread;
        }
        begun.begin();
        return begun;
    }

    /** Ends the thread, which may have ended its work or not. */
    void close() {
        file.release(selector.state);
        selector.end(file);
    }

    @Override
    int work() {
        int result = WindowsErrors.OPERATION_ABORTED;
        while (result == WindowsErrors.OPERATION_ABORTED && file.enter(this, true)) {
            result = SynchronousCalls.flush(state, file.value);
            file.leave();
        }
        return result == 0 ? writeNothing() : result;
    }

    private int writeNothing() {
        long event = WindowsCalls.createEvent(state);
        if (event == WindowsCalls.INVALID_HANDLE) {
            return state.error();
        }
        Arena arena = Arena.ofShared();
        MemorySegment overlapped = arena.allocate(WindowsLayouts.OVERLAPPED);
        Operation writing = new Operation(overlapped, 0);
        // No packet for the port: the loop knows nothing of this one.
        writing.begin(null, event | 1);
        int result = WindowsCalls.writeFile(state, file.value, overlapped.address(), 0, overlapped.address());
        // It takes no room, so that it should never have to wait for any.
        if (result == WindowsErrors.IO_PENDING && !await(event, overlapped.address())) {
            // What the system does not let go of is left to it.
            return result;
        }
        arena.close();
        WindowsCalls.closeHandle(state, event);
        return result;
    }

    private boolean await(long event, long overlapped) {
        while (!file.isCancelled()) {
            if (WindowsCalls.waitFor(state, event, LOOK_MILLIS) == 0) {
                return true;
            }
        }
        WindowsCalls.cancelIo(state, file.value, overlapped);
        return WindowsCalls.waitFor(state, event, MOST_CANCEL_MILLIS) == 0;
    }
}
