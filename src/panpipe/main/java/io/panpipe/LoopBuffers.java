/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.LoopWatch;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.UdpChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The memory that one loop's streams share: what is read into, what small writes are copied into, and the list of
 * streams that have something to send when the present callback returns.
 *
 * <p>An idle stream holds none of it, so ten thousand idle connections cost no buffers.
 */
final class LoopBuffers {

    /** One read's most bytes, as in libuv. */
    static final int READ_SIZE = 64 * 1024;

    private final Selector selector;
    private final Gather gather = new Gather();
    private final HandleInbox inbox = new HandleInbox();
    private final UdpChannel.Arrival arrival = new UdpChannel.Arrival();
    private final ChunkStore chunks;
    private @Nullable StreamOutput freeOutput;
    private final ArrayList<Flushed> unsent = new ArrayList<>();
    private @Nullable Region readRegion;
    private ByteBuffer readView = ByteBuffer.allocate(0);
    private final @Nullable LoopWatch watch;

    LoopBuffers(Selector selector) {
        this.selector = selector;
        chunks = new ChunkStore(selector);
        watch = selector.watch();
    }

    /** Returns the region that reads go to. */
    Region readRegion() {
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
    ByteBuffer readView(int length) {
        return readView.clear().limit(length).order(ByteOrder.BIG_ENDIAN);
    }

    Gather gather() {
        return gather;
    }

    UdpChannel.Arrival arrival() {
        return arrival;
    }

    HandleInbox inbox() {
        return inbox;
    }

    boolean borrows(ByteBuffer data) {
        return selector.borrows(data);
    }

    Chunk takeChunk() {
        return chunks.take();
    }

    void giveBack(Chunk chunk) {
        chunks.giveBack(chunk);
    }

    /** Lends a stream an output, which the stream gives back when it has nothing to send. */
    StreamOutput takeOutput(StreamState<?> stream) {
        StreamOutput output = freeOutput;
        if (output == null) {
            return new StreamOutput(stream);
        }
        freeOutput = output.lendTo(stream);
        return output;
    }

    /** Notes an output that was given back; returns the one that was given back before it and is still here. */
    @Nullable StreamOutput giveBack(StreamOutput output) {
        StreamOutput before = freeOutput;
        freeOutput = output;
        return before;
    }

    /** Notes a stream whose new writes are to be sent when the present callback returns, or before the loop polls. */
    void sendSoon(Flushed output) {
        unsent.add(output);
    }

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    /** Tells whether a buffer is the one that read callbacks get. */
    boolean isReadView(ByteBuffer data) {
        return data == readView;
    }

    /** Sends what was written since the last time. Called after each callback. */
    void flush() {
        if (watch != null) {
            watch.callbackEnded();
        }
        if (unsent.isEmpty()) {
            return;
        }
        int sent = 0;
        try {
            while (sent < unsent.size()) {
                unsent.get(sent++).sendNoted();
            }
            unsent.clear();
        } finally {
            if (!unsent.isEmpty()) {
                // One has thrown; those behind it are sent the next time.
                unsent.subList(0, sent).clear();
            }
        }
    }
}
