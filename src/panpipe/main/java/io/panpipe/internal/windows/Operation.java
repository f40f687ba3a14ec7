/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.LoopMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * One OVERLAPPED, and who started what it stands for.
 *
 * <p>The kernel writes to it until its completion has been taken from the port, whatever was closed meanwhile. So it
 * belongs to the loop's pool rather than to a pipe, and goes back there only then.
 */
final class Operation {

    final long address;

    /** The event that tells of the end where the port does not, or 0. Kept from use to use. */
    long event;

    private final MemorySegment block;
    private final long offset;
    private @Nullable Completion owner;

    Operation(MemorySegment block, long offset) {
        this.block = block;
        this.offset = offset;
        address = block.address() + offset;
    }

    /** Who hears how an operation ended. */
    interface Completion {

        /** The operation has ended: it can be begun anew, or goes back to the pool. */
        void completed(Operation operation);
    }

    @Nullable Completion owner() {
        return owner;
    }

    /**
     * Prepares for another use.
     *
     * @param hEvent an event with its low bit set, so that no completion is queued to a port; or 0
     */
    void begin(@Nullable Completion next, long hEvent) {
        owner = next;
        block.set(ValueLayout.JAVA_LONG, offset + WindowsLayouts.OVERLAPPED_STATUS, 0);
        block.set(ValueLayout.JAVA_LONG, offset + WindowsLayouts.OVERLAPPED_BYTES, 0);
        block.set(ValueLayout.JAVA_LONG, offset + WindowsLayouts.OVERLAPPED_POSITION, 0);
        block.set(ValueLayout.JAVA_LONG, offset + WindowsLayouts.OVERLAPPED_EVENT, hEvent);
    }

    /** Returns the NTSTATUS of an operation that has ended; 0 is success. */
    int status() {
        return (int) block.get(ValueLayout.JAVA_LONG, offset + WindowsLayouts.OVERLAPPED_STATUS);
    }

    /** Returns how many bytes an operation that has ended has moved. */
    int bytes() {
        return (int) block.get(ValueLayout.JAVA_LONG, offset + WindowsLayouts.OVERLAPPED_BYTES);
    }

    /** All operations of one loop: in blocks, each twice as large as the one before. */
    static final class Pool {

        private static final int FIRST_BLOCK = 64;
        private static final int MOST_BLOCKS = 24;

        private final LoopMemory memory;
        private final MemorySegment[] blocks = new MemorySegment[MOST_BLOCKS];
        private final Operation[][] operations = new Operation[MOST_BLOCKS][];
        private Operation[] free = new Operation[FIRST_BLOCK];
        private int freeCount;
        private int blockCount;
        private int pending;

        Pool(LoopMemory memory) {
            this.memory = memory;
        }

        /** Returns how many operations are not back. */
        int pending() {
            return pending;
        }

        Operation take(Completion owner) {
            if (freeCount == 0) {
                grow();
            }
            Operation taken = free[--freeCount];
            taken.owner = owner;
            pending++;
            return taken;
        }

        /** Takes back an operation that has ended, or that was never begun. */
        void giveBack(Operation done) {
            pending--;
            done.owner = null;
            free[freeCount++] = done;
        }

        private void grow() {
            int count = FIRST_BLOCK << blockCount;
            long size = WindowsLayouts.OVERLAPPED.byteSize();
            MemorySegment block = memory.allocate(size * count);
            Operation[] fresh = new Operation[count];
            free = new Operation[count * 2];
            for (int i = 0; i < count; i++) {
                fresh[i] = new Operation(block, i * size);
                free[freeCount++] = fresh[i];
            }
            blocks[blockCount] = block;
            operations[blockCount++] = fresh;
        }

        /** Closes the events of all operations. */
        void close(CallState state) {
            for (int i = 0; i < blockCount; i++) {
                for (Operation operation : operations[i]) {
                    if (operation.event != 0) {
                        WindowsCalls.closeHandle(state, operation.event);
                    }
                }
            }
        }

        /**
         * Returns the operation whose OVERLAPPED is at an address; null if it is none of this loop's: others who have a pipe
         * of this loop, and so its port, may use it without asking for no packets.
         */
        @Nullable Operation at(long address) {
            long size = WindowsLayouts.OVERLAPPED.byteSize();
            for (int i = blockCount - 1; i >= 0; i--) {
                long distance = address - blocks[i].address();
                if (distance >= 0 && distance < blocks[i].byteSize()) {
                    return operations[i][(int) (distance / size)];
                }
            }
            return null;
        }
    }
}
