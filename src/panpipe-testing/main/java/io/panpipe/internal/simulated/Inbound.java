/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What waits at one end of a connection to be read: bytes, and the files that came with some of them.
 *
 * <p>A read that takes the first byte of a message with files takes the files, and nothing behind that message. Bytes
 * in front of it may join it, and once the files are gone its rest is like any other bytes (measured on Linux).
 */
final class Inbound {

    /** A message with files: where in the stream of all bytes it begins and ends. */
    private record Message(long start, long end, Attachment files) {}

    private final OpenFile reader;
    private final ByteRing bytes = new ByteRing();
    /** The messages whose first byte has not been read; null before the first, since few connections ever see one. */
    private @Nullable Deque<Message> messages;
    private long taken;
    /** Up to where in the stream of all bytes they have arrived; the rest is under way. */
    private long arrived;

    Inbound(OpenFile reader) {
        this.reader = reader;
    }

    /** Returns how many bytes wait here or are under way. */
    int size() {
        return bytes.size();
    }

    /** Returns how many bytes have arrived. */
    int readable() {
        return (int) (arrived - taken);
    }

    /** Returns where in the stream of all bytes the next one to be put begins. */
    long end() {
        return taken + bytes.size();
    }

    /** Lets all bytes before a place in the stream arrive. */
    void arrive(long place) {
        arrived = Math.max(arrived, place);
    }

    /**
     * Appends the next bytes of a write.
     *
     * @param files what comes with the first of them, or null
     */
    void put(GatheredBytes from, int length, @Nullable Attachment files) {
        long start = taken + bytes.size();
        try {
            from.moveTo(bytes, length);
        } finally {
            // Also when memory that this thread may not read has ended the move half-way: what has gone is a message.
            long end = taken + bytes.size();
            if (files != null && end > start) {
                if (messages == null) {
                    messages = new ArrayDeque<>(1);
                }
                messages.add(new Message(start, end, files));
                files.loadInto(reader);
            }
        }
    }

    private @Nullable Message next() {
        return messages == null ? null : messages.peek();
    }

    /** Returns how many bytes one read may take. */
    int available(int wanted) {
        int count = Math.min(wanted, readable());
        Message next = next();
        return next != null && taken + count > next.start() ? (int) Math.min(count, next.end() - taken) : count;
    }

    /**
     * Moves the oldest bytes into a buffer, no more than are {@linkplain #available available}.
     *
     * @return the files that came with them, which still count as waiting here; or null
     */
    @Nullable Attachment take(ByteBuffer into, int offset, int count) {
        bytes.take(into, offset, count);
        taken += count;
        Message next = next();
        if (messages == null || next == null || taken <= next.start()) {
            return null;
        }
        messages.remove();
        return next.files();
    }

    /** Forgets everything: nobody will read it. */
    void clear() {
        taken += bytes.size();
        arrived = taken;
        bytes.clear();
        Deque<Message> lost = messages;
        messages = null;
        if (lost != null) {
            lost.forEach(message -> message.files().unloadFrom(reader));
        }
    }
}
