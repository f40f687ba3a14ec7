/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What one system call of a thread that is no loop's needs: where errno is left, memory for bytes that are copied, and room
 * for structures. A thread has one for the time of a call and waits for nothing meanwhile, so that there are about as many as
 * processors, however many threads there are.
 */
final class CallerScratch {

    /** How many bytes are copied for one call. */
    static final int BYTES = 64 * 1024;

    /** Room for a struct msghdr of any system. */
    private static final int LONGEST_HEADER = 64;

    /** The most pieces of one write. */
    static final int PIECES = 64;

    private static final int SLOTS =
            Integer.highestOneBit(Math.max(4, Runtime.getRuntime().availableProcessors()) * 2 - 1) * 2;

    /** Those that nobody has. What finds no slot is left to the collector. */
    private static final AtomicReferenceArray<CallerScratch> FREE = new AtomicReferenceArray<>(SLOTS);

    /**
     * For who closes a descriptor and finds no memory for one: made with the class, without room for bytes. Who uses it has its
     * monitor.
     */
    static final CallerScratch LAST = new CallerScratch(0);

    final CallState state = new CallState();
    private final MemorySegment memory;
    private final ByteBuffer bytes;
    private final ByteBuffer structures;
    private final long structuresAt;

    private CallerScratch(int room) {
        int vectors = (int) (PIECES * UnixLayouts.IOVEC.byteSize());
        int size = vectors + LONGEST_HEADER + 64;
        memory = Arena.ofAuto().allocate(room + size, 16);
        bytes = memory.asSlice(0, room).asByteBuffer();
        structures = memory.asSlice(room, size).asByteBuffer().order(ByteOrder.nativeOrder());
        structuresAt = memory.address() + room;
    }

    /** Takes one that is nobody else's, until {@link #giveBack}. */
    static CallerScratch take() {
        int first = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = first + i & SLOTS - 1;
            // A look alone: what it finds is not used.
            if (FREE.getPlain(slot) != null) {
                CallerScratch free = FREE.getAndSet(slot, null); // with compare-and-set by giveBack
                if (free != null) {
                    return free;
                }
            }
        }
        return new CallerScratch(BYTES);
    }

    void giveBack() {
        int first = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = first + i & SLOTS - 1;
            if (FREE.getPlain(slot) == null && FREE.compareAndSet(slot, null, this)) { // with get-and-set by take
                return;
            }
        }
    }

    /** The memory for bytes. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** Where the memory for bytes begins. */
    long address() {
        return memory.address();
    }

    /** Sets one piece of a write. */
    void piece(int index, long address, int length) {
        int at = index * (int) UnixLayouts.IOVEC.byteSize();
        structures.putLong(at + (int) UnixLayouts.IOV_BASE, address);
        structures.putLong(at + (int) UnixLayouts.IOV_LEN, length);
    }

    /** Returns the address of a struct msghdr with the pieces that were set. */
    long message(SocketLayouts layouts, int pieces) {
        int at = PIECES * (int) UnixLayouts.IOVEC.byteSize();
        structures.putLong(at + (int) layouts.msgIov(), structuresAt);
        layouts.count(structures, at + (int) layouts.msgIovlen(), pieces);
        return structuresAt + at;
    }

    /** Room for a struct epoll_event or kevent, or for what an ioctl answers. */
    ByteBuffer small() {
        return structures;
    }

    /** Where {@link #small} begins. */
    long smallAddress() {
        return structuresAt;
    }
}
