/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import org.jspecify.annotations.Nullable;

/**
 * A pipe that was opened for synchronous I/O, where no call returns before it is done: an anonymous pipe, and so mostly
 * what a parent has passed as a standard stream.
 *
 * <p>As in libuv, threads of its own, one for each direction in use, do what may wait.
 */
final class SynchronousPipe extends WindowsChannel {

    private static final int NONE = -1;

    private final SynchronousHandle handle;
    private final boolean readable;
    private final boolean writable;
    private final MessageMode mode;
    private @Nullable SynchronousReader reader;
    private @Nullable SynchronousWriter writer;
    private int wanted;
    private boolean carriesHandles;
    private boolean closed;

    SynchronousPipe(WindowsSelector selector, long value, boolean readable, boolean writable, MessageMode mode) {
        super(selector);
        this.readable = readable;
        this.writable = writable;
        this.mode = mode;
        handle = new SynchronousHandle(value);
        selector.opened(value);
    }

    // Readiness.

    @Override
    public void interest(int operations) {
        wanted = operations;
        if (wanted != 0) {
            selector.ask(this);
        }
    }

    @Override
    void findReady() {
        if ((wanted & READ) != 0) {
            readAhead();
        }
        if ((readyNow() & wanted) != 0) {
            selector.enqueue(this);
        }
    }

    private void readAhead() {
        SynchronousReader thread = reader;
        if (thread == null) {
            thread = new SynchronousReader(this, handle, mode);
            reader = thread;
            thread.start();
        }
        thread.readAhead();
    }

    private int readyNow() {
        int ready = reader != null && reader.isDone() ? READ : 0;
        return writer == null || writer.isIdle() ? ready | WRITE : ready;
    }

    @Override
    void dispatch() {
        SynchronousWriter writing = writer;
        if (writing != null && writing.isDone()) {
            writing.report(listener());
        }
        int now = readyNow() & wanted;
        if (now != 0) {
            listener().ready(now);
        }
        if (wanted != 0) {
            selector.ask(this);
        }
    }

    // Moving bytes.

    private void checkUsable(String call) throws KernelException {
        if (closed) {
            throw new KernelException(Fault.ENOTCONN, 0, call);
        }
        if (carriesHandles) {
            throw new KernelException(Fault.ENOTSUP, 0, call,
                    "a pipe that carries handles has to be opened with FILE_FLAG_OVERLAPPED");
        }
    }

    @Override
    public int read(Region into, int offset, int length) throws KernelException {
        checkUsable("read");
        return reader == null ? WOULD_BLOCK : reader.read(into, offset, length);
    }

    @Override
    public int write(Gather data) throws KernelException {
        checkUsable("write");
        if (data.total() == 0) {
            return 0;
        }
        SynchronousWriter thread = writer;
        if (thread == null) {
            thread = new SynchronousWriter(this, handle);
            writer = thread;
            thread.start();
        }
        if (!thread.isIdle()) {
            return WOULD_BLOCK;
        }
        thread.write(data);
        return IN_FLIGHT;
    }

    @Override
    public void carryHandles() {
        carriesHandles = true;
    }

    @Override
    public int writeWithHandles(Gather data, long[] descriptors, int count) throws KernelException {
        throw new KernelException(Fault.ENOTSUP, 0, "write", "this pipe was not made for handles");
    }

    @Override
    public int readWithHandles(Region into, int offset, int length, HandleInbox inbox) throws KernelException {
        inbox.clear();
        return read(into, offset, length);
    }

    // What there is.

    @Override
    public boolean isConnected() {
        return !closed;
    }

    @Override
    public boolean readable() {
        return readable;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public long descriptor() {
        return closed ? NONE : handle.value;
    }

    @Override
    public String localName() {
        return "";
    }

    @Override
    public String peerName() {
        return "";
    }

    private static KernelException notNamed(String call) {
        return new KernelException(Fault.ENOTSUP, 0, call, "this pipe was opened for synchronous I/O and has no name");
    }

    @Override
    public Credentials peerCredentials() throws KernelException {
        // The question would wait for the read under way, as any call on such a file.
        throw notNamed("peerCredentials");
    }

    @Override
    public void bind(String name, int mode, int options) throws KernelException {
        throw notNamed("bind");
    }

    @Override
    public void listen(int backlog) throws KernelException {
        throw notNamed("listen");
    }

    @Override
    public boolean connect(String name) throws KernelException {
        throw new KernelException(Fault.EISCONN, 0, "connect");
    }

    @Override
    public PipeChannel accept() throws KernelException {
        throw notNamed("accept");
    }

    @Override
    public void permissions(int mode) throws KernelException {
        throw notNamed("chmod");
    }

    @Override
    public void pendingInstances(int count) {
        // Nothing waits for clients here.
    }

    // Ending.

    @Override
    public long duplicate() throws KernelException {
        if (writer != null && !writer.isIdle()) {
            throw new KernelException(Fault.EBUSY, 0, "duplicate", "a write is in flight: wait for its callback");
        }
        return HandleTransfer.duplicateHere(selector, handle.value);
    }

    @Override
    public long detach() throws KernelException {
        if (reader != null || writer != null) {
            throw new KernelException(Fault.EBUSY, 0, "detach",
                    "threads use this pipe, which was opened for synchronous I/O, and may have read ahead");
        }
        handle.keepOpen();
        close();
        return handle.value;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            wanted = 0;
            selector.released(handle.value);
            handle.release(selector.state);
            selector.end(handle);
        }
    }
}
