/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The native memory of one loop: allocated in pieces, freed at once.
 *
 * <p>The arena is shared because a loop may be created by one thread, run by another and closed by a third. Closing a
 * shared arena stops all threads for a moment (a quarter of a millisecond), so there is one, closed once.
 */
public final class LoopMemory {

    /**
     * The kinds of memory that nobody can free under a call: direct buffers and mapped files, the global arena, and arenas
     * that the collector frees. The public API has no word for that, but each kind of arena has a scope of a class of its
     * own; what is of none of these classes counts as memory that can be closed.
     */
    private static final class Lasting {

        static final Class<?> BUFFERS =
                MemorySegment.ofBuffer(ByteBuffer.allocateDirect(0)).scope().getClass();
        static final Class<?> GLOBAL = Arena.global().scope().getClass();
        static final Class<?> COLLECTED = Arena.ofAuto().scope().getClass();
        static final Class<?> CONFINED = confined();

        private static Class<?> confined() {
            try (Arena arena = Arena.ofConfined()) {
                return arena.scope().getClass();
            }
        }

        static boolean is(Class<?> kind) {
            return kind == BUFFERS || kind == COLLECTED || kind == GLOBAL;
        }
    }

    private final Arena arena = Arena.ofShared();

    /** Those of the blocks that are freed by themselves, by their addresses. */
    private final Map<Long, Block> blocks = new HashMap<>();

    /** A block: nobody can read it any more when it is given back. */
    private record Block(Arena own, long address, long bytes, @Nullable Giver giver) {

        void free() {
            own.close();
            if (giver != null) {
                giver.takeBack(address, bytes);
            }
        }
    }

    /** Makes the memory of one loop, with nothing allocated yet. */
    public LoopMemory() {}

    /** Allocates zeroed bytes, aligned for any C type. */
    public MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 16);
    }

    /** Gives memory back to whom it is from. */
    public interface Giver {

        /** Takes back so many bytes at an address. Throws nothing: whoever frees memory has sent what was in it. */
        void takeBack(long address, long bytes);
    }

    /**
     * Takes memory that the system has given for a block, which {@link #freeBlock} gives back before the rest.
     *
     * @param giver who takes it back, also if this throws
     */
    @SuppressWarnings("restricted") // What the system has given is as long as was asked for.
    public MemorySegment adoptBlock(long address, long bytes, Giver giver) {
        Arena own = null;
        try {
            own = Arena.ofShared();
            MemorySegment block = MemorySegment.ofAddress(address).reinterpret(bytes, own, null);
            blocks.put(address, new Block(own, address, bytes, giver));
            return block;
        } catch (Throwable failed) {
            if (own != null) {
                own.close();
            }
            giver.takeBack(address, bytes);
            throw failed;
        }
    }

    /** Allocates zeroed bytes that {@link #freeBlock} can free before the rest. */
    public MemorySegment allocateBlock(long bytes) {
        Arena own = Arena.ofShared();
        try {
            MemorySegment block = own.allocate(bytes, 16);
            blocks.put(block.address(), new Block(own, block.address(), bytes, null));
            return block;
        } catch (Throwable failed) {
            own.close();
            throw failed;
        }
    }

    /** Frees a block. */
    public void freeBlock(long address) {
        Block block = blocks.remove(address);
        if (block == null) {
            throw new IllegalArgumentException("no block of this memory");
        }
        block.free();
    }

    /**
     * Returns the address of a direct buffer's first byte, for the time of one call.
     *
     * @param buffer a direct buffer that the caller keeps reachable during the call, and that this memory {@linkplain
     *     #borrows borrows}
     */
    public static long address(ByteBuffer buffer) {
        // ofBuffer begins at the position, and the caller counts from the first byte.
        return MemorySegment.ofBuffer(buffer).address() - buffer.position();
    }

    /**
     * Tells whether the system can read a buffer in place, now and for as long as somebody refers to the buffer: it is direct,
     * and nobody can close its memory. An arena that can be closed may be closed by another thread between any look at it and
     * the system's call, or by its own thread while a write is in flight, and the call would then send whatever is there by
     * then. So what is of such an arena is copied, under the JDK's own guard. That holds for every loop's memory too, which is
     * read into again before long.
     */
    public boolean borrows(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            return false;
        }
        Class<?> kind = MemorySegment.ofBuffer(buffer).scope().getClass();
        // A JDK with one class for several kinds would have nothing borrowed rather than something that can be closed.
        return Lasting.is(kind) && kind != arena.scope().getClass() && kind != Lasting.CONFINED;
    }

    /** Frees everything; no kernel may still read or write it. */
    public void close() {
        blocks.values().forEach(Block::free);
        blocks.clear();
        arena.close();
    }
}
