/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor in blocking mode that cannot be opened a second time: a terminal or pipe that another user opened, a
 * pseudo-terminal's master.
 *
 * <p>Threads of its own, one for each direction in use, do what may block, a piece at a time, and the selector hears of
 * the results. What is being written is in flight.
 */
final class HelperChannel extends NonSocketChannel {

    private final HelperThread.Shared shared;
    private @Nullable HelperThread reader;
    private @Nullable HelperThread writer;

    HelperChannel(UnixSelector selector, int given, boolean readable, boolean writable) throws KernelException {
        super(selector, readable, writable);
        shared = new HelperThread.Shared(selector, given);
        opened(given);
        selector.addHelper(this);
    }

    @Override
    void interestChanged() {
        if ((wanted() & READ) != 0) {
            readAhead();
        }
    }

    private void readAhead() {
        HelperThread thread = reader;
        if (thread == null) {
            thread = new HelperThread(shared, "read");
            reader = thread;
        }
        if (thread.isIdle()) {
            thread.read();
        }
    }

    @Override
    public boolean writesInFlight() {
        return true;
    }

    /** Tells whether the selector has something to dispatch here. */
    boolean hasEvent() {
        return writer != null && writer.isDone() || (readyNow() & wanted()) != 0;
    }

    /** Tells whether a thread still writes from the loop's memory. */
    boolean isWriting() {
        return writer != null && !writer.isIdle() && !writer.isDone();
    }

    private int readyNow() {
        int ready = reader != null && reader.isDone() ? READ : 0;
        return writer == null || writer.isIdle() ? ready | WRITE : ready;
    }

    void dispatch() {
        HelperThread done = writer;
        if (done != null && done.isDone()) {
            reportWritten(done);
        }
        dispatch(readyNow());
    }

    private void reportWritten(HelperThread done) {
        int result = done.take();
        if (fd() == NONE) {
            selector.removeHelper(this);
        }
        if (isLost() && result < 0) {
            listener().writeFailed(lost("write"));
            return;
        }
        if (result >= 0) {
            listener().written(result);
        } else if (result == HelperThread.CANCELLED) {
            listener().writeFailed(new KernelException(Fault.ECANCELED, 0, "write"));
        } else {
            listener().writeFailed(selector.system.failure(result, "write"));
        }
    }

    @Override
    public int read(Region into, int offset, int length) throws KernelException {
        HelperThread thread = reader;
        if (thread == null || !thread.isDone()) {
            if (isLost() && (thread == null || thread.isIdle())) {
                throw lost("read");
            }
            return WOULD_BLOCK;
        }
        int result = thread.result();
        if (result <= 0) {
            // Neither is a terminal's last word: whoever reads on asks anew.
            thread.take();
            if (isLost()) {
                throw lost("read");
            }
            if (result == 0) {
                return END_OF_STREAM;
            }
            throw selector.system.failure(result, "read");
        }
        int copied = thread.copyTo(into, offset, length);
        if (thread.isIdle() && (wanted() & READ) != 0 && !isLost()) {
            thread.read();
        }
        return copied;
    }

    @Override
    public int write(Gather data) throws KernelException {
        if (isLost()) {
            throw lost("write");
        }
        if (data.total() == 0) {
            return 0;
        }
        HelperThread thread = writer;
        if (thread == null) {
            thread = new HelperThread(shared, "write");
            writer = thread;
        }
        thread.write(data);
        return IN_FLIGHT;
    }

    @Override
    public long detach() throws KernelException {
        if (reader != null || writer != null) {
            throw new KernelException(Fault.EBUSY, 0, "detach",
                    "helper threads use this blocking descriptor and may have read ahead");
        }
        selector.removeHelper(this);
        shared.keepDescriptor();
        long released = super.detach();
        shared.release();
        return released;
    }

    /** The number is another file's: no thread reads or writes that, and nobody here closes it. */
    @Override
    void displaced(int descriptor) {
        super.displaced(descriptor);
        shared.keepDescriptor();
        end();
    }

    @Override
    public void close() {
        if (fd() == NONE) {
            return;
        }
        // A thread may still be inside a call on the descriptor: the last user closes it, so that its number is not
        // given to another file under that call.
        release();
        if (writer == null || writer.isIdle()) {
            selector.removeHelper(this);
        }
        try {
            end();
        } finally {
            shared.release();
        }
    }

    private void end() {
        shared.cancel();
        if (reader != null) {
            reader.wake();
        }
        if (writer != null) {
            writer.wake();
        }
        if (reader != null) {
            reader.endCall();
        }
        if (writer != null) {
            writer.endCall();
        }
    }
}
