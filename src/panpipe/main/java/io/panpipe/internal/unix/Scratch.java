/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.NameBytes;
import io.panpipe.internal.kernel.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The structures that one loop's calls pass by pointer, laid out once and used again for every call.
 *
 * <p>A call has returned before the next one is made, so one of each is enough.
 */
public final class Scratch {

    /** Any system's PATH_MAX is at most this. */
    private static final int LONGEST_PATH = 4096;

    private static final int STATUS = 256;

    private final MemorySegment numbers;
    private final MemorySegment address;
    private final MemorySegment path;
    private final MemorySegment status;
    private final MemorySegment vectors;
    private final MemorySegment message;
    private final MemorySegment datagram;
    private final @Nullable SocketLayouts layouts;

    /** Lays the structures out in a loop's memory. */
    public Scratch(UnixSystem system, LoopMemory memory) {
        layouts = system.layouts();
        numbers = memory.allocate(16);
        address = memory.allocate(layouts.mostAddress());
        path = memory.allocate(system.numbers().pathMax());
        status = memory.allocate(STATUS);
        vectors = memory.allocate(UnixLayouts.IOVEC.byteSize() * Gather.CAPACITY);
        message = memory.allocate(layouts.msgSize());
        datagram = memory.allocate(layouts.msgSize());
    }

    /** Lays out what calls with paths need, for threads that have no loop. */
    Scratch(Arena arena) {
        layouts = null;
        numbers = MemorySegment.NULL;
        address = MemorySegment.NULL;
        path = arena.allocate(LONGEST_PATH, 16);
        status = arena.allocate(STATUS, 16);
        vectors = MemorySegment.NULL;
        message = MemorySegment.NULL;
        datagram = MemorySegment.NULL;
    }

    /** Four ints for values and lengths that go in and out. */
    public MemorySegment numbers() {
        return numbers;
    }

    /** Room for the longest address. */
    public MemorySegment address() {
        return address;
    }

    /** Room for what a stat call answers. */
    public MemorySegment status() {
        return status;
    }

    /**
     * Writes a path as the C string that the kernel reads.
     *
     * @return its address, or -1 if no path can be so long, or if it is no name at all
     */
    public long path(String text) {
        byte[] bytes = NameBytes.encode(text);
        if (bytes == null || bytes.length >= path.byteSize()) {
            return -1;
        }
        // By a buffer: the first copy between an array and a segment costs a program's start more than a millisecond.
        path.asByteBuffer().put(bytes).put((byte) 0);
        return path.address();
    }

    /**
     * Lists the pieces of a write as struct iovec.
     *
     * @return the address of the first
     */
    public long vectors(Gather data) {
        for (int i = 0; i < data.count(); i++) {
            long at = i * UnixLayouts.IOVEC.byteSize();
            vectors.set(ValueLayout.JAVA_LONG, at + UnixLayouts.IOV_BASE, addressOf(data, i));
            vectors.set(ValueLayout.JAVA_LONG, at + UnixLayouts.IOV_LEN, data.length(i));
        }
        return vectors.address();
    }

    /**
     * Lists the pieces of a write in a struct msghdr.
     *
     * @return its address
     */
    public long message(Gather data) {
        SocketLayouts where = layouts();
        message.set(ValueLayout.JAVA_LONG, where.msgIov(), vectors(data));
        where.count(message, where.msgIovlen(), data.count());
        return message.address();
    }

    /** Lays a message out that receives one datagram, and its sender's address at {@link #address}. */
    MemorySegment message(long into, int length) {
        SocketLayouts where = layouts();
        datagram.set(ValueLayout.JAVA_LONG, where.msgName(), address.address());
        datagram.set(ValueLayout.JAVA_INT, where.msgNamelen(), (int) address.byteSize());
        vectors.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_BASE, into);
        vectors.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_LEN, length);
        datagram.set(ValueLayout.JAVA_LONG, where.msgIov(), vectors.address());
        where.count(datagram, where.msgIovlen(), 1);
        return datagram;
    }

    private SocketLayouts layouts() {
        SocketLayouts present = layouts;
        if (present == null) {
            throw new IllegalStateException("this one is for paths alone");
        }
        return present;
    }

    /** Returns where in memory a piece of a write is. */
    public static long addressOf(Gather data, int piece) {
        Region region = data.region(piece);
        long base = region != null ? region.address() : LoopMemory.address(data.bytes(piece));
        return base + data.offset(piece);
    }
}
