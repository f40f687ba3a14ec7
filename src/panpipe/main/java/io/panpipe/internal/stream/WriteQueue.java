/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.loop.Chunk;
import io.panpipe.internal.loop.LoopBuffers;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a stream has still to write, as pieces in order, without regard to which request they came from.
 *
 * <p>Small data is copied behind what is there, so that many small writes become one piece. Long data stays where it is:
 * a direct buffer is borrowed, a heap buffer is copied chunk by chunk as it is sent. The pieces are a ring of parallel
 * arrays, so that a write makes no object.
 */
final class WriteQueue {

    /** Up to this size a copy is cheaper than a piece of its own. */
    static final int SMALL = 4 * 1024;

    /** Up to this size heap data, and the loop's own read buffer, is copied at once. */
    private static final int MEDIUM = LoopBuffers.READ_SIZE;

    /** Chunks that are filled from a long heap buffer for one system call. */
    private static final int STAGED_CHUNKS = 4;

    private final LoopBuffers buffers;

    /** Each is a {@link Chunk} or a {@link ByteBuffer}; the first may be the {@link Region} that reads go to. */
    private @Nullable Object[] sources = new Object[8];

    private int[] starts = new int[8];
    private int[] ends = new int[8];
    private int head;
    private int count;
    private long size;
    private @Nullable Chunk tail;

    WriteQueue(LoopBuffers buffers) {
        this.buffers = buffers;
    }

    /** Returns the bytes in all pieces. */
    long size() {
        return size;
    }

    /**
     * Adds bytes at the end.
     *
     * @param keepsBuffer whether the buffer stays untouched until these bytes are written
     */
    void add(ByteBuffer data, int position, int length, boolean keepsBuffer) {
        if (length == 0) {
            return;
        }
        boolean borrow = keepsBuffer && length > SMALL && (length > MEDIUM || buffers.borrows(data));
        if (borrow) {
            addPiece(data, position, position + length);
            size += length;
        } else {
            copy(data, position, length);
        }
    }

    /** Adds a part of what was read last to the empty queue, until {@link #keepRead}. */
    void addRead(int position, int length) {
        addPiece(buffers.readRegion(), position, position + length);
        size += length;
    }

    /** Copies what is left of that. */
    void keepRead() {
        if (count > 0 && sources[head] instanceof Region read) {
            int from = starts[head];
            int length = ends[head] - from;
            Chunk[] copies = copyToChunks(read.bytes(), from, length);
            dropHead();
            push(copies, length);
        }
    }

    private void copy(ByteBuffer data, int position, int length) {
        int from = position;
        for (int left = length; left > 0; ) {
            Chunk chunk = tail;
            if (chunk == null || chunk.room() == 0) {
                chunk = newTail();
            }
            int bytes = Math.min(left, chunk.room());
            chunk.region.bytes().put(chunk.fill, data, from, bytes);
            extend(chunk, bytes);
            size += bytes;
            from += bytes;
            left -= bytes;
        }
    }

    /** Returns the chunk that ends with the last byte of the queue, or null where the last piece is something else. */
    @Nullable Chunk lastChunk() {
        Chunk chunk = tail;
        return chunk != null && endsWith(chunk) ? chunk : null;
    }

    /** Adds bytes that are in the {@link #lastChunk} already, behind what is in use of it. */
    void extend(int bytes) {
        Chunk chunk = tail;
        if (chunk != null) {
            extend(chunk, bytes);
            size += bytes;
        }
    }

    private Chunk newTail() {
        Chunk old = tail;
        if (old != null && old.references == 0) {
            // Full, and all of it is sent.
            old.fill = 0;
            return old;
        }
        Chunk chunk = buffers.takeChunk();
        tail = chunk;
        return chunk;
    }

    private void extend(Chunk chunk, int bytes) {
        if (endsWith(chunk)) {
            ends[index(count - 1)] += bytes;
        } else {
            addPiece(chunk, chunk.fill, chunk.fill + bytes);
        }
        chunk.fill += bytes;
    }

    private boolean endsWith(Chunk chunk) {
        int last = index(count - 1);
        return count > 0 && sources[last] == chunk && ends[last] == chunk.fill;
    }

    private void addPiece(Object source, int start, int end) {
        reserve(1);
        set(index(count), source, start, end);
        count++;
    }

    private void pushPiece(Object source, int start, int end) {
        head = index(-1);
        set(head, source, start, end);
        count++;
    }

    private void set(int at, Object source, int start, int end) {
        sources[at] = source;
        starts[at] = start;
        ends[at] = end;
        if (source instanceof Chunk chunk) {
            chunk.references++;
        }
    }

    private int index(int piece) {
        return head + piece & sources.length - 1;
    }

    /** Makes room for further pieces; after that none of them can fail for want of memory. */
    private void reserve(int more) {
        int length = sources.length;
        while (count + more > length) {
            length *= 2;
        }
        if (length > sources.length) {
            resize(length);
        }
    }

    private void resize(int length) {
        Object[] newSources = new Object[length];
        int[] newStarts = new int[length];
        int[] newEnds = new int[length];
        for (int i = 0; i < count; i++) {
            newSources[i] = sources[index(i)];
            newStarts[i] = starts[index(i)];
            newEnds[i] = ends[index(i)];
        }
        sources = newSources;
        starts = newStarts;
        ends = newEnds;
        head = 0;
    }

    /**
     * Lists the first pieces for one write.
     *
     * @param limit bytes at the most, 1 or more
     */
    void gather(Gather gather, long limit) {
        gather.clear();
        if (count > 0 && needsStaging(sources[head])) {
            stage();
        }
        for (int i = 0; i < count; i++) {
            int at = index(i);
            Object source = sources[at];
            int length = (int) Math.min(ends[at] - starts[at], limit - gather.total());
            if (length == 0 || gather.isFull(length) || needsStaging(source)) {
                return;
            }
            if (source instanceof Chunk chunk) {
                gather.add(chunk.region, starts[at], length);
            } else if (source instanceof ByteBuffer buffer) {
                gather.add(buffer, starts[at], length);
            } else if (source instanceof Region read) {
                gather.add(read, starts[at], length);
            }
        }
    }

    private boolean needsStaging(@Nullable Object source) {
        return source instanceof ByteBuffer buffer && !buffers.borrows(buffer);
    }

    /** Copies the beginning of a long heap buffer, which comes first, into chunks before it. */
    private void stage() {
        ByteBuffer source = (ByteBuffer) sources[head];
        int from = starts[head];
        int bytes = Math.min(ends[head] - from, STAGED_CHUNKS * Chunk.SIZE);
        // Before anything is changed: a buffer whose memory is gone by now throws here.
        Chunk[] copies = copyToChunks(source, from, bytes);
        if (from + bytes == ends[head]) {
            dropHead();
        } else {
            starts[head] = from + bytes;
        }
        push(copies, bytes);
    }

    private void push(Chunk[] copies, int bytes) {
        for (int i = copies.length - 1; i >= 0; i--) {
            int length = Math.min(Chunk.SIZE, bytes - i * Chunk.SIZE);
            pushPiece(copies[i], 0, length);
        }
    }

    /** Adds so many bytes, with which these chunks are filled one after the other, before all others. */
    void addFirst(Chunk[] filled, int bytes) {
        reserve(filled.length);
        push(filled, bytes);
        size += bytes;
    }

    private Chunk[] copyToChunks(ByteBuffer source, int from, int bytes) {
        Chunk[] copies = new Chunk[(bytes + Chunk.SIZE - 1) / Chunk.SIZE];
        reserve(copies.length);
        int taken = 0;
        try {
            while (taken < copies.length) {
                Chunk copy = buffers.takeChunk();
                copies[taken++] = copy;
                copy.fill = Chunk.SIZE;
                int start = (taken - 1) * Chunk.SIZE;
                copy.region.bytes().put(0, source, from + start, Math.min(Chunk.SIZE, bytes - start));
            }
            return copies;
        } catch (Throwable unreadable) {
            for (int i = 0; i < taken; i++) {
                buffers.giveBack(copies[i]);
            }
            throw unreadable;
        }
    }

    /** Takes written bytes from the front. */
    void remove(int bytes) {
        size -= bytes;
        for (int left = bytes; left > 0; ) {
            int length = ends[head] - starts[head];
            if (left < length) {
                starts[head] += left;
                return;
            }
            left -= length;
            dropHead();
        }
        giveBackTailIfEmpty();
    }

    private void dropHead() {
        Object source = sources[head];
        sources[head] = null;
        head = index(1);
        count--;
        unreference(source);
    }

    private void unreference(@Nullable Object source) {
        if (source instanceof Chunk chunk && --chunk.references == 0 && chunk != tail) {
            buffers.giveBack(chunk);
        }
    }

    private void giveBackTailIfEmpty() {
        Chunk chunk = tail;
        if (count == 0 && chunk != null) {
            tail = null;
            buffers.giveBack(chunk);
        }
    }

    /** Gives back what a long queue took for its list of pieces. */
    void trim() {
        if (count == 0 && sources.length > 1024) {
            resize(8);
        }
    }

    /** Takes back bytes from the end: those that a tryWrite could not send. */
    void removeLast(long bytes) {
        size -= bytes;
        for (long left = bytes; left > 0; ) {
            int last = index(count - 1);
            int length = ends[last] - starts[last];
            if (left < length) {
                ends[last] -= (int) left;
                return;
            }
            left -= length;
            Object source = sources[last];
            sources[last] = null;
            count--;
            unreference(source);
        }
        giveBackTailIfEmpty();
    }
}
