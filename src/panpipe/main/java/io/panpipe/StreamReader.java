/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads what a ready stream has and calls back, piece by piece, as long as the callback wants. */
final class StreamReader {

    /** Reads per turn and stream, as in libuv, so that a fast writer starves nobody. */
    private static final int READS = 32;

    private StreamReader() {}

    static <S extends StreamHandle<S>> void read(StreamState<S> stream) {
        Region region;
        try {
            region = stream.loop().buffers().readRegion();
        } catch (OutOfMemoryError none) {
            fail(stream, none);
            return;
        }
        // Asked anew each time: the callback may have stopped reading, started with another one, or closed the handle.
        for (int i = 0; i < READS && stream.wantsRead(); i++) {
            int result;
            boolean moved;
            try {
                result = moveInside(stream);
                moved = result != Transfer.READ_INSTEAD;
                if (!moved) {
                    result = stream.read(region);
                }
            } catch (KernelException refused) {
                stream.readFailed();
                end(stream, stream.failure(refused));
                return;
            } catch (RuntimeException | Error thrown) {
                fail(stream, thrown);
                return;
            }
            if (result == StreamChannel.WOULD_BLOCK) {
                return;
            }
            if (result == StreamChannel.END_OF_STREAM) {
                end(stream, PanpipeException.of(Fault.EOF, "read", stream.name()));
                return;
            }
            stream.hasRead(result);
            if (!moved) {
                deliver(stream, result);
            }
            PanpipeException trouble = stream.troubleWithRead();
            if (trouble != null && !stream.isClosing()) {
                end(stream, trouble);
                return;
            }
            if (result < LoopBuffers.READ_SIZE) {
                // There was no more. If there is by now, the selector says so: it is level-triggered.
                return;
            }
        }
    }

    /** Ends the reading for something that is not the system's refusal: what is there would be reported again and again. */
    private static void fail(StreamState<?> stream, Throwable thrown) {
        stream.readFailed();
        end(stream, PanpipeException.of(thrown, "read", stream.name()));
    }

    /** Lets {@link StreamHandle#pipeTo} move what is there without its being read. */
    private static int moveInside(StreamState<?> stream) throws KernelException {
        StreamTransfer transfer = stream.transfer();
        return transfer == null ? Transfer.READ_INSTEAD : transfer.move();
    }

    private static <S extends StreamHandle<S>> void deliver(StreamState<S> stream, int length) {
        ReadCallback<? super S> callback = stream.readCallback();
        if (callback != null) {
            call(stream, callback, stream.loop().buffers().readView(length), null);
        }
    }

    /** Ends the reading, and calls back for it. */
    static <S extends StreamHandle<S>> void end(StreamState<S> stream, PanpipeException why) {
        ReadCallback<? super S> callback = stream.readCallback();
        // Before the call, so that reading may be started again inside it.
        stream.endRead();
        if (callback != null) {
            call(stream, callback, null, why);
        }
    }

    private static <S extends StreamHandle<S>> void call(
            StreamState<S> stream,
            ReadCallback<? super S> callback,
            @Nullable ByteBuffer data,
            @Nullable PanpipeException why) {
        try {
            callback.call(stream.self(), data, why);
        } catch (Throwable thrown) {
            stream.loop().callbacks.uncaught(thrown);
        }
        stream.loop().callbacks.sendWritten();
    }
}
