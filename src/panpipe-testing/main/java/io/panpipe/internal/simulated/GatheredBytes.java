/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Gather;
import java.nio.ByteBuffer;

/**
 * The bytes of one write that are still to be taken from the caller's memory: where they are, not what they are.
 *
 * <p>A gather serves all writes of a loop, so a write in flight needs its own list of the pieces; the bytes
 * themselves are left where they are until the last moment, as a kernel with overlapped writes leaves them. A caller
 * that reuses the memory too early sends the wrong bytes, and is found out.
 */
final class GatheredBytes {

    private final ByteBuffer[] buffers;
    private final int[] offsets;
    private final int[] lengths;
    private int piece;
    private int taken;
    private int left;

    GatheredBytes(Gather data) {
        int count = data.count();
        buffers = new ByteBuffer[count];
        offsets = new int[count];
        lengths = new int[count];
        for (int i = 0; i < count; i++) {
            // A buffer of its own, for the caller's may get another limit while these bytes are in flight.
            buffers[i] = data.bytes(i).duplicate().clear();
            offsets[i] = data.offset(i);
            lengths[i] = data.length(i);
        }
        left = data.total();
    }

    /** Returns how many bytes have not been taken yet. */
    int left() {
        return left;
    }

    /**
     * Returns how many of the next bytes can be read: all of them, or those of the pieces before one whose memory is gone, as
     * that of a mapped file is which somebody has truncated. A real kernel says EFAULT then.
     */
    int readable(int length) {
        int found = 0;
        for (int i = piece; found < length; i++) {
            int from = i == piece ? taken : 0;
            int part = Math.min(length - found, lengths[i] - from);
            if (buffers[i].isDirect() && !isReadable(buffers[i], offsets[i] + from, part)) {
                break;
            }
            found += part;
        }
        return found;
    }

    private static boolean isReadable(ByteBuffer buffer, int from, int length) {
        try {
            buffer.get(from, new byte[length]);
            return true;
        } catch (InternalError gone) {
            return false;
        }
    }

    /** Moves the next bytes into a ring. */
    void moveTo(ByteRing ring, int length) {
        int wanted = length;
        while (wanted > 0) {
            int part = Math.min(wanted, lengths[piece] - taken);
            ring.put(buffers[piece], offsets[piece] + taken, part);
            wanted -= part;
            left -= part;
            taken += part;
            if (taken == lengths[piece]) {
                piece++;
                taken = 0;
            }
        }
    }
}
