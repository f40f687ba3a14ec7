/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of one loop that nobody uses.
 *
 * <p>A megabyte of them stays with the loop until it is closed. What a long queue needs beyond that comes in blocks, each of
 * which is freed when all its chunks have come back. That costs more than allocating did, since the JVM stops its threads for
 * it: so as many blocks as are in use are kept for the next queue that grows.
 */
final class ChunkStore {

    private static final int KEPT = 64;
    private static final int BLOCK = 64;

    private final Selector selector;
    private final List<Block> blocks = new ArrayList<>();
    private @Nullable Chunk free;
    private int kept;
    private int emptyBlocks;

    /** A piece of memory that is freed by itself. */
    static final class Block {

        private final Region region;
        private @Nullable Chunk free;
        private int used;

        private Block(Region region) {
            this.region = region;
            for (int i = BLOCK - 1; i >= 0; i--) {
                Region part = new Region(
                        region.bytes().slice(i * Chunk.SIZE, Chunk.SIZE), region.address() + (long) i * Chunk.SIZE);
                Chunk chunk = new Chunk(part, this);
                chunk.next = free;
                free = chunk;
            }
        }
    }

    ChunkStore(Selector selector) {
        this.selector = selector;
    }

    Chunk take() {
        Chunk chunk = free;
        if (chunk != null) {
            free = chunk.next;
            chunk.next = null;
            return chunk;
        }
        if (kept < KEPT) {
            Chunk made = new Chunk(selector.allocate(Chunk.SIZE), null);
            kept++;
            return made;
        }
        return takeOf(blockWithRoom());
    }

    private Chunk takeOf(Block block) {
        Chunk chunk = block.free;
        if (chunk == null) {
            throw new IllegalStateException("a block without room");
        }
        block.free = chunk.next;
        chunk.next = null;
        if (block.used++ == 0) {
            emptyBlocks--;
        }
        return chunk;
    }

    /** The older ones first, so that the younger ones become empty. */
    private Block blockWithRoom() {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).free != null) {
                return blocks.get(i);
            }
        }
        Region memory = selector.allocateBlock(BLOCK * Chunk.SIZE);
        try {
            Block made = new Block(memory);
            blocks.add(made);
            emptyBlocks++;
            return made;
        } catch (Throwable failed) {
            selector.free(memory);
            throw failed;
        }
    }

    /** Takes a chunk back that nobody uses any more. */
    void giveBack(Chunk chunk) {
        chunk.fill = 0;
        Block block = chunk.block;
        if (block == null) {
            chunk.next = free;
            free = chunk;
            return;
        }
        chunk.next = block.free;
        block.free = chunk;
        if (--block.used == 0) {
            emptyBlocks++;
            freeSurplus();
        }
    }

    private void freeSurplus() {
        for (int i = blocks.size() - 1; i >= 0 && emptyBlocks > Math.max(1, blocks.size() - emptyBlocks); i--) {
            Block block = blocks.get(i);
            if (block.used == 0) {
                blocks.remove(i);
                emptyBlocks--;
                selector.free(block.region);
            }
        }
    }
}
