/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.loop.Chunk;
import io.panpipe.internal.loop.LoopCore;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one stream on their way to the kernel, counted from the stream's first: added, written, and in flight
 * between the two; and the descriptors that travel with some of them.
 *
 * <p>The first of them may be held by a {@link Transfer}; all others are in the queue.
 *
 * <p>Bytes leave only when the kernel is done with them, so everything that waits for a write waits for bytes in flight as
 * well.
 */
final class OutgoingBytes {

    /** Attempts per turn, as in libuv, so that a fast reader at the other end does not hold the loop. */
    private static final int ATTEMPTS = 32;

    private final LoopCore loop;
    private final WriteQueue queue;
    private @Nullable OutgoingHandles handles;
    private @Nullable Transfer carrier;
    private int carried;
    private long added;
    private long written;
    private int inFlight;
    private int handlesSent;
    private @Nullable Throwable unreadable;

    OutgoingBytes(LoopCore loop) {
        this.loop = loop;
        queue = new WriteQueue(loop.buffers());
    }

    /** Returns how many bytes were ever added, less those that were dropped. */
    long added() {
        return added;
    }

    /** Returns how many bytes the kernel is done with. */
    long written() {
        return written;
    }

    /** Returns how many bytes are queued or in flight. */
    long size() {
        return added - written;
    }

    /** Returns how many bytes are queued and not in flight. */
    long unsent() {
        return size() - inFlight;
    }

    boolean isInFlight() {
        return inFlight > 0;
    }

    /**
     * Adds bytes, or none of them if that throws.
     *
     * @param keepsBuffer whether the buffer stays untouched until they are written
     */
    void add(ByteBuffer data, int length, boolean keepsBuffer) {
        long before = queue.size();
        try {
            queue.add(data, data.position(), length, keepsBuffer);
        } catch (Throwable failed) {
            // A part may have been copied already: another thread has closed the buffer's arena meanwhile, a mapped file was
            // truncated, or there is no memory for the rest.
            queue.removeLast(queue.size() - before);
            throw failed;
        }
        added += length;
    }

    /** Returns the chunk that ends with the last byte added, or null where the last byte is not in one. */
    @Nullable Chunk lastChunk() {
        return queue.lastChunk();
    }

    /** Adds bytes that are in the {@link #lastChunk} already, behind what is in use of it. */
    void extend(int bytes) {
        queue.extend(bytes);
        added += bytes;
    }

    /** Adds bytes of what the loop has just read, before all others, until {@link #keepRead}. */
    void addRead(int position, int length) {
        queue.addRead(position, length);
        added += length;
    }

    /** Copies what is left of them: the loop is about to read again. */
    void keepRead() {
        queue.keepRead();
    }

    /** Adds bytes that a transfer holds, when there are no others. */
    void carry(Transfer holder, int length) {
        carrier = holder;
        carried = length;
        added += length;
    }

    /** Takes back what was added behind an offset and cannot have been sent yet. */
    void dropTo(long offset) {
        queue.removeLast(added - offset);
        added = offset;
    }

    /** Attaches descriptors, which belong to this object from now on, to so many bytes that were added last. */
    void attach(HandleGroup descriptors, int length) {
        if (handles == null) {
            handles = new OutgoingHandles();
        }
        handles.add(added - length, added, descriptors);
    }

    /**
     * Writes what the kernel takes now.
     *
     * @return whether bytes are left that it will take when it is writable, rather than when bytes in flight have landed
     */
    boolean writeTo(StreamChannel channel) throws KernelException {
        if (carrier != null && !giveCarried(carrier)) {
            return true;
        }
        unreadable = null;
        Gather gather = loop.buffers().gather();
        try {
            for (int i = 0; i < ATTEMPTS && inFlight == 0 && size() > 0; i++) {
                int result;
                try {
                    result = write(channel, gather, Long.MAX_VALUE);
                } catch (KernelException refused) {
                    result = writeFirst(channel, gather, refused);
                }
                if (result == StreamChannel.IN_FLIGHT) {
                    inFlight = gather.total();
                } else if (result == StreamChannel.WOULD_BLOCK) {
                    return true;
                } else {
                    remove(result);
                    if (result < gather.total()) {
                        // The kernel took a part: it has no room for the rest, and another attempt would only say so.
                        return true;
                    }
                }
            }
            return size() > 0 && inFlight == 0;
        } finally {
            gather.clear();
        }
    }

    /** Sends what a transfer holds; tells whether nothing of it is left before what is queued. */
    private boolean giveCarried(Transfer holder) throws KernelException {
        int given = holder.give();
        if (given == Transfer.UNABLE) {
            takeBack(holder);
            return true;
        }
        if (given == StreamChannel.WOULD_BLOCK) {
            return false;
        }
        written += given;
        carried -= given;
        if (carried > 0) {
            // As with a write, the kernel has no room for the rest.
            return false;
        }
        carrier = null;
        return true;
    }

    /** Puts what a transfer holds and cannot send in front of the queue. */
    private void takeBack(Transfer holder) {
        Chunk[] copies = new Chunk[(carried + Chunk.SIZE - 1) / Chunk.SIZE];
        int taken = 0;
        try {
            while (taken < copies.length) {
                Chunk copy = loop.buffers().takeChunk();
                copies[taken++] = copy;
                copy.fill = Chunk.SIZE;
                int length = Math.min(Chunk.SIZE, carried - (taken - 1) * Chunk.SIZE);
                for (int copied = 0; copied < length; ) {
                    copied += holder.takeBack(copy.region, copied, length - copied);
                }
            }
            queue.addFirst(copies, carried);
        } catch (Throwable failed) {
            for (int i = 0; i < taken; i++) {
                loop.buffers().giveBack(copies[i]);
            }
            throw failed;
        }
        carrier = null;
        carried = 0;
    }

    /** Writes the first piece alone, where a later one may be why all together were refused. */
    private int writeFirst(StreamChannel channel, Gather gather, KernelException refused) throws KernelException {
        if (refused.fault() != Fault.EFAULT || gather.count() < 2) {
            throw refused;
        }
        // A borrowed buffer is gone, as that of a mapped file that was truncated. What is before it is not part of that.
        return write(channel, gather, gather.length(0));
    }

    private int write(StreamChannel channel, Gather gather, long limit) throws KernelException {
        OutgoingHandles outgoing = handles;
        if (outgoing == null) {
            gather(gather, limit);
            return channel.write(gather);
        }
        gather(gather, Math.min(limit, outgoing.boundary(written, added) - written));
        HandleGroup group = outgoing.at(written);
        return group == null
                ? channel.write(gather)
                : ((PipeChannel) channel).writeWithHandles(gather, group.descriptors(), group.count());
    }

    private void gather(Gather gather, long limit) throws KernelException {
        try {
            queue.gather(gather, limit);
        } catch (RuntimeException | Error failed) {
            // A buffer whose limit was lowered, or over an arena that was closed, or confined to another thread, since it
            // was given to write; a file that was truncated under its mapping; or no memory to copy it to.
            unreadable = failed;
            throw failed instanceof OutOfMemoryError
                    ? KernelException.of(failed, "write")
                    : new KernelException(Fault.EFAULT, 0, "write",
                            "a buffer given to write can no longer be read: " + failed);
        }
    }

    /** Returns what it was that a buffer of the last {@link #writeTo} could not be read for, or null. */
    @Nullable Throwable unreadable() {
        return unreadable;
    }

    /** Gives back what long queues took for their lists. */
    void trim() {
        queue.trim();
    }

    /** Returns how many handles have left since it was last asked. */
    int takeHandlesSent() {
        int sent = handlesSent;
        handlesSent = 0;
        return sent;
    }

    /** Takes bytes in flight that have arrived. */
    void landed(int bytes) {
        inFlight = 0;
        remove(bytes);
    }

    /** Notes that bytes in flight have not arrived. */
    void crashed() {
        inFlight = 0;
    }

    /** Forgets bytes in flight without giving their memory back, whose fate nobody will report. */
    void abandon() {
        written = added;
        inFlight = 0;
    }

    private void remove(int bytes) {
        HandleGroup sent = handles == null || bytes == 0 ? null : handles.at(written);
        if (handles != null && sent != null) {
            handles.closeFirst();
            handlesSent += sent.count();
        }
        written += bytes;
        queue.remove(bytes);
    }

    /** Forgets the bytes that are not in flight, and closes the descriptors that were to go with them. */
    void dropUnsent() {
        long dropped = unsent();
        if (dropped > 0) {
            if (dropped > carried) {
                queue.removeLast(dropped - carried);
            }
            added -= dropped;
        }
        if (carrier != null) {
            carrier.discard();
            carrier = null;
            carried = 0;
        }
        if (handles != null) {
            handles.closeFrom(inFlight > 0 ? written + 1 : written);
        }
    }
}
