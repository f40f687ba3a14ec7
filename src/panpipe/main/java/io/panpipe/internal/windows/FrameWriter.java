/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Puts what is written to an IPC pipe into frames, one for each round of writes. */
final class FrameWriter {

    private final PipeWriter writer;
    private final MemorySegment buffer;
    private int overhead;
    private int offered;
    private boolean announces;
    private @Nullable KernelException failure;

    FrameWriter(PipeWriter writer, MemorySegment buffer) {
        this.writer = writer;
        this.buffer = buffer;
    }

    /** Returns the memory of the frame that may be in flight. */
    MemorySegment buffer() {
        return buffer;
    }

    /**
     * Says to the other end what this one understands, and which process this is.
     *
     * @param kind {@link Frames#ANNOUNCEMENT} or {@link Frames#ANSWER}
     */
    void announce(int kind) {
        buffer.asSlice(0, Frames.ANNOUNCING_BYTES).fill((byte) 0);
        buffer.set(ValueLayout.JAVA_INT, Frames.ANNOUNCED, kind);
        int process = (int) ProcessHandle.current().pid();
        buffer.set(ValueLayout.JAVA_INT, Frames.HEADER_BYTES + Frames.ANNOUNCED, process);
        overhead = Frames.ANNOUNCING_BYTES;
        offered = 0;
        writer.begin();
        try {
            writer.add(buffer.address(), Frames.ANNOUNCING_BYTES);
            announces = end() == StreamChannel.IN_FLIGHT;
        } catch (KernelException refused) {
            // Nobody has asked for this write: the first that somebody asks for hears of it.
            failure = refused;
        }
    }

    private void header(int flags, int length, int handles) {
        buffer.set(ValueLayout.JAVA_INT, Frames.FLAGS, flags);
        buffer.set(ValueLayout.JAVA_INT, Frames.ANNOUNCED, 0);
        buffer.set(ValueLayout.JAVA_INT, Frames.DATA_LENGTH, length);
        buffer.set(ValueLayout.JAVA_INT, Frames.HANDLE_COUNT, handles);
        overhead = Frames.HEADER_BYTES + handles * Frames.HANDLE_BYTES;
        offered = length;
    }

    /**
     * Writes one frame.
     *
     * @param handles their values in the other process, or an empty array
     * @return as {@link StreamChannel#write}
     */
    int write(Gather data, long[] handles, int count) throws KernelException {
        if (failure != null) {
            throw failure;
        }
        int length = Math.min(data.total(), PipeWriter.MOST_BYTES);
        header(Frames.HAS_DATA | (count > 0 ? Frames.HAS_HANDLES : 0), length, count);
        for (int i = 0; i < count; i++) {
            buffer.set(ValueLayout.JAVA_LONG, Frames.HEADER_BYTES + (long) i * Frames.HANDLE_BYTES, handles[i]);
        }
        writer.begin();
        if (writer.add(buffer.address(), overhead)) {
            writer.add(data, length);
        }
        return end();
    }

    private int end() throws KernelException {
        int result = writer.end();
        if (result == StreamChannel.IN_FLIGHT) {
            return result;
        }
        noteLanded(result);
        if (failure != null) {
            throw failure;
        }
        return result - overhead;
    }

    private void noteLanded(int bytes) {
        if (bytes < overhead + offered) {
            // The reader would take what comes next for the rest of this frame.
            failure = new KernelException(Fault.EPIPE, 0, "WriteFile", "a frame could not be written whole");
        }
    }

    /** Reports a frame that was in flight; the first one, which only announces, is nobody's. */
    void report(ChannelListener listener) {
        if (announces) {
            announces = false;
            noteLanded(writer.endUnreported());
        } else {
            noteLanded(writer.landed());
            writer.report(listener, overhead);
        }
    }
}
