/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Loop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Copies what a pipe reads to a blocking stream with a thread of its own, so that a slow terminal or disk holds up this
 * one pipe and not the loop.
 *
 * <p>The bytes wait in a ring, in which many small messages become one write. Its owner stops reading when {@link #put}
 * says that it is full, and goes on when {@link Owner#drained} says so.
 */
final class OutputPump {

    /** The most that one read delivers, as in libuv; the ring is full when there is no room for as much. */
    private static final int READ_SIZE = 64 * 1024;

    private final Loop loop;
    private final OutputStream out;
    private final Owner owner;
    private final Object lock = new Object();

    // What both threads use, guarded by the lock.
    private byte[] ring;
    private int head;
    private int used;
    private boolean full;
    private boolean ended;
    private boolean failed;

    // The writing thread's own: the bytes it is about to write.
    private byte[] source;
    private int from;
    private int length;

    /** Who is told, on the loop's thread. */
    interface Owner {

        /** There is room again, after {@code put} said that there is not. */
        void drained();

        /** All is written and the stream closed, or it has failed; what is put after a failure is dropped. */
        void outputEnded(@Nullable IOException error);
    }

    OutputPump(Loop loop, OutputStream out, int capacity, Owner owner) {
        this.loop = loop;
        this.out = out;
        this.owner = owner;
        ring = new byte[capacity];
        source = ring;
    }

    void start(String threadName) {
        Thread.ofPlatform().daemon().name(threadName).start(this::writeAll);
    }

    // On the loop's thread.

    /**
     * Takes bytes to write; always takes all of them.
     *
     * @return false if the ring is full: read no more until {@code drained}
     */
    boolean put(ByteBuffer data) {
        synchronized (lock) {
            if (failed) {
                return true;
            }
            int count = data.remaining();
            if (count > ring.length - used) {
                grow(used + count);
            }
            int tail = (head + used) % ring.length;
            int first = Math.min(count, ring.length - tail);
            data.get(data.position(), ring, tail, first);
            data.get(data.position() + first, ring, 0, count - first);
            used += count;
            full = ring.length - used < READ_SIZE;
            lock.notifyAll();
            return !full;
        }
    }

    /**
     * Makes room for a piece that came although the ring was full. The writing thread keeps the old array until it asks
     * anew.
     */
    private void grow(int needed) {
        byte[] larger = new byte[Math.max(needed, ring.length * 2)];
        int first = Math.min(used, ring.length - head);
        System.arraycopy(ring, head, larger, 0, first);
        System.arraycopy(ring, 0, larger, first, used - first);
        ring = larger;
        head = 0;
    }

    /** Says that nothing more comes: the stream is closed when all is written. */
    void end() {
        synchronized (lock) {
            ended = true;
            lock.notifyAll();
        }
    }

    // On the writing thread.

    private void writeAll() {
        IOException failure = null;
        try (out) {
            while (next()) {
                out.write(source, from, length);
                out.flush();
                written();
            }
        } catch (IOException refused) {
            failure = refused;
            synchronized (lock) {
                failed = true;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        IOException why = failure;
        tell(() -> owner.outputEnded(why));
    }

    /** Waits for bytes; false at the end. */
    private boolean next() throws InterruptedException {
        synchronized (lock) {
            while (used == 0 && !ended) {
                lock.wait();
            }
            source = ring;
            from = head;
            length = Math.min(used, ring.length - head);
            return used > 0;
        }
    }

    private void written() {
        boolean drained;
        synchronized (lock) {
            head = (head + length) % ring.length;
            used -= length;
            drained = full && used <= ring.length / 2;
            if (drained) {
                full = false;
            }
        }
        if (drained) {
            tell(owner::drained);
        }
    }

    private void tell(Runnable what) {
        try {
            loop.execute(what);
        } catch (RejectedExecutionException loopClosed) {
            // The command has ended meanwhile: there is nobody left to tell.
            synchronized (lock) {
                ended = true;
            }
        }
    }
}
