/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.internal.stream.CallerIo;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A read that waits for data. */
final class ReadOperation extends Operation<Integer> {

    private static final ByteBuffer[] NONE = {};

    private final ByteBuffer[] one = new ByteBuffer[1];
    private ByteBuffer[] into = NONE;
    private int first;
    private int end;
    private long count;

    /** Says where the data goes. */
    void prepare(ByteBuffer target) {
        one[0] = target;
        prepare(one, 0, 1);
    }

    /** Says where the data goes, one after the other. */
    void prepare(ByteBuffer[] targets, int offset, int length) {
        into = targets;
        first = offset;
        end = offset + length;
        count = 0;
    }

    /** Forgets the buffers, which are the user's again. */
    void forget() {
        one[0] = null;
        into = NONE;
    }

    /** Tells whether there is room for anything. */
    boolean hasRoom() {
        for (int i = first; i < end; i++) {
            if (into[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Copies what fits.
     *
     * @param data moved on by what was copied
     */
    void copy(ByteBuffer data) {
        for (int i = first; i < end && data.hasRemaining(); i++) {
            ByteBuffer target = into[i];
            int length = Math.min(target.remaining(), data.remaining());
            target.put(target.position(), data, data.position(), length);
            target.position(target.position() + length);
            data.position(data.position() + length);
            count += length;
        }
    }

    /** Reads what is there on the calling thread. */
    int readFrom(CallerIo io) throws IOException {
        int result = io.read(into, first, end);
        if (result > 0) {
            count = result;
        }
        return result;
    }

    long count() {
        return count;
    }

    /** Returns the count, or -1 for none: a read is finished without data only at the end. */
    @Override
    Integer result() {
        return count == 0 ? -1 : (int) count;
    }
}
