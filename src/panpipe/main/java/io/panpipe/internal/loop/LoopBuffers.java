/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.UdpChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The memory that one loop's streams share: what is read into, what small writes are copied into, and what is lent to
 * those that have something to send.
 *
 * <p>An idle stream holds none of it, so ten thousand idle connections cost no buffers.
 */
public final class LoopBuffers {

    /** One read's most bytes, as in libuv. */
    public static final int READ_SIZE = 64 * 1024;

    /**
     * What a stream has only while it has something to send, and gives back when it has not: idle connections hold none, and
     * busy ones find the same one in the processor's cache. It is kept linked through itself.
     */
    public abstract static class Lent {
        private @Nullable Lent below;
    }

    private final Selector selector;
    private final Gather gather = new Gather();
    private final HandleInbox inbox = new HandleInbox();
    private final UdpChannel.Arrival arrival = new UdpChannel.Arrival();
    private final ChunkStore chunks;
    private @Nullable Lent free;
    private @Nullable Region readRegion;
    private ByteBuffer readView = ByteBuffer.allocate(0);

    LoopBuffers(Selector selector) {
        this.selector = selector;
        chunks = new ChunkStore(selector);
    }

    /** Returns the region that reads go to. */
    public Region readRegion() {
        Region region = readRegion;
        if (region == null) {
            region = selector.allocate(READ_SIZE);
            readRegion = region;
            readView = region.bytes().duplicate();
        }
        return region;
    }

    /**
     * Returns what was read as callbacks see it: a view of its own, whose position, limit and byte order they may change
     * without disturbing the region.
     */
    public ByteBuffer readView(int length) {
        return readView.clear().limit(length).order(ByteOrder.BIG_ENDIAN);
    }

    /** Returns the list of pieces for one write. */
    public Gather gather() {
        return gather;
    }

    /** Returns what is told of one datagram. */
    public UdpChannel.Arrival arrival() {
        return arrival;
    }

    /** Returns what takes the descriptors of one read. */
    public HandleInbox inbox() {
        return inbox;
    }

    /** Tells whether the kernel takes the bytes of a buffer from where they are. */
    public boolean borrows(ByteBuffer data) {
        return selector.borrows(data);
    }

    /** Takes a chunk, which comes back by {@link #giveBack(Chunk)}. */
    public Chunk takeChunk() {
        return chunks.take();
    }

    /** Takes back a chunk that nobody uses any more. */
    public void giveBack(Chunk chunk) {
        chunks.giveBack(chunk);
    }

    /** Lends what was given back last, or null if nothing was. */
    public @Nullable Lent borrow() {
        Lent lent = free;
        if (lent != null) {
            free = lent.below;
            lent.below = null;
        }
        return lent;
    }

    /** Takes back what was borrowed, or was made because nothing could be. */
    public void giveBack(Lent lent) {
        lent.below = free;
        free = lent;
    }

    /** Tells whether a buffer is the one that read callbacks get. */
    public boolean isReadView(ByteBuffer data) {
        return data == readView;
    }
}
