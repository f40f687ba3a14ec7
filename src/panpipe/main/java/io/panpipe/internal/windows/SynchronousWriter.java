/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import java.util.concurrent.locks.LockSupport;

/** The outgoing direction of a HANDLE for synchronous I/O: what it writes is in flight. */
final class SynchronousWriter extends SynchronousThread {

    /** As much as one call writes, so that a read in the other direction has its turn in between. */
    private static final int MOST_BYTES = 64 * 1024;

    private static final long PAUSE_NANOS = 1_000_000;

    private final long[] addresses = new long[Gather.CAPACITY];
    private final int[] lengths = new int[Gather.CAPACITY];
    private int pieces;

    SynchronousWriter(SynchronousPipe channel, SynchronousHandle file) {
        super(channel, file, true);
    }

    /** Begins to write all the pieces, whose memory stays as it is until the result has been reported. */
    void write(Gather data) {
        pieces = data.count();
        for (int i = 0; i < pieces; i++) {
            addresses[i] = WindowsChannel.addressOf(data, i);
            lengths[i] = data.length(i);
        }
        begin();
    }

    @Override
    int work() {
        for (int i = 0; i < pieces; i++) {
            for (int done = 0; done < lengths[i]; ) {
                int result = call(addresses[i] + done, Math.min(MOST_BYTES, lengths[i] - done));
                if (result != 0) {
                    return result;
                }
                int written = count();
                if (written == 0) {
                    // Somebody has set PIPE_NOWAIT on the pipe, and it is full.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                done += written;
            }
        }
        return 0;
    }

    /** Reports how the write has ended. */
    void report(ChannelListener listener) {
        taken();
        if (bytes() > 0) {
            // If a later piece has failed, the stream writes it anew and hears of it then.
            listener.written(bytes());
        } else if (error() == WindowsErrors.OPERATION_ABORTED) {
            listener.writeFailed(new KernelException(Fault.ECANCELED, error(), "WriteFile"));
        } else {
            listener.writeFailed(WindowsErrors.writeFailure(error()));
        }
    }
}
