/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The incoming direction of a HANDLE for synchronous I/O: reads ahead, one piece at a time. */
final class SynchronousReader extends SynchronousThread {

    private static final int BUFFER = 64 * 1024;

    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER);
    private final ByteBuffer data = buffer.asByteBuffer();
    private int consumed;

    private final MessageMode mode;

    SynchronousReader(SynchronousPipe channel, SynchronousHandle file, MessageMode mode) {
        super(channel, file, false);
        this.mode = mode;
    }

    /** Begins to read if nothing read before is left. */
    void readAhead() {
        if (isIdle()) {
            consumed = 0;
            begin();
        }
    }

    @Override
    int work() {
        int result = call(buffer.address(), BUFFER);
        // A write of no bytes ends a read without any; as a message it is the end.
        while (result == 0 && count() == 0) {
            if (mode.hasMessages()) {
                return WindowsErrors.BROKEN_PIPE;
            }
            result = call(buffer.address(), BUFFER);
        }
        if (result == WindowsErrors.MORE_DATA) {
            // A pipe of messages in message mode, whose rest the next read gets.
            count();
            return 0;
        }
        return result;
    }

    /** Hands out what was read, as {@link StreamChannel#read}; an end or an error again and again. */
    int read(Region into, int offset, int length) throws KernelException {
        if (!isDone()) {
            return StreamChannel.WOULD_BLOCK;
        }
        if (WindowsErrors.isHangUp(error())) {
            return StreamChannel.END_OF_STREAM;
        }
        if (error() != 0) {
            throw WindowsErrors.failure(error(), "ReadFile");
        }
        int copied = Math.min(length, bytes() - consumed);
        into.bytes().put(offset, data, consumed, copied);
        consumed += copied;
        if (consumed == bytes()) {
            taken();
        }
        return copied;
    }
}
