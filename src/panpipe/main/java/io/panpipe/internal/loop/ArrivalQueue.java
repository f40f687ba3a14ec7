/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Tasks in the order of their arrival: from any thread in, by one thread out.
 *
 * <p>They are in a ring of slots. Who adds one takes the next number by a compare-and-set and fills the slot of that number; who
 * takes them finds the next one there or not, and does not look at what those who add contend for. When the ring is full, who
 * comes next makes another one, twice as long up to a bound, and leaves a sign in the old one that the queue goes on there. So
 * a task makes no object, and a queue that was long once has room for it from then on. The scheme is that of JCTools'
 * MpscUnboundedArrayQueue, with an end: no task is added after {@link #close}, and none is lost that was added before.
 */
final class ArrivalQueue {

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    /** Tasks in the first ring and in the longest: powers of two, and each ring holds one task less. */
    private static final int FIRST_RING = 64;
    private static final int LONGEST_RING = 1024;

    /** How often a thread looks again before it lets others have the processor. */
    private static final int SPINS = 100;

    /** In the slot of the task that is in the next ring. */
    private static final Object GOES_ON = new Object();

    /** A number is counted in units of this; below are the flags of {@link #TAIL}. */
    private static final long ONE = 4;
    private static final int SHIFT = 2;
    /** No task is added any more. */
    private static final long CLOSED = 1;
    /** One thread makes a ring, and others that add wait for it. */
    private static final long GROWING = 2;
    private static final long FLAGS = CLOSED | GROWING;

    // Each of the words is alone in two cache lines, which processors fetch together: those who add write the first, seldom the
    // second, and who takes writes the third.
    /** The number of the next task to be added, and flags. */
    private static final int TAIL = 16;
    /** The number that has no room in the ring, as far as was looked. Grows. */
    private static final int LIMIT = 32;
    /** The number of the next task to be taken. */
    private static final int HEAD = 48;
    private static final int WORDS = 64;

    private final long[] words = new long[WORDS];

    /** Where tasks are added: its slots, and in the end the ring behind it. Changed while TAIL says GROWING. */
    private volatile @Nullable Object[] tailRing = new Object[FIRST_RING + 1];

    /** Where tasks are taken, by the one thread that does. */
    private @Nullable Object[] headRing = tailRing;

    ArrivalQueue() {
        // Before any other thread knows this queue.
        words[LIMIT] = (FIRST_RING - 1) * ONE;
    }

    /** Adds a task, unless the queue is closed. From any thread. */
    boolean add(Runnable task) {
        for (int tries = 0; ; tries++) {
            long limit = (long) WORD.getAcquire(words, LIMIT); // with release by grow, and the compare-and-set by raise
            long tail = (long) WORD.getVolatile(words, TAIL); // with compare-and-set by add and close, and volatile by grow
            if ((tail & FLAGS) != 0) {
                if ((tail & CLOSED) != 0) {
                    return false;
                }
                pause(tries);
                continue;
            }
            // Read behind TAIL: if that is still the same below, this ring is the one for it.
            @Nullable Object[] ring = tailRing;
            if (tail >= limit && !raise(ring, tail, limit)) {
                if (grow(ring, tail, task)) {
                    return true;
                }
            } else if (WORD.compareAndSet(words, TAIL, tail, tail + ONE)) {
                // Volatile, that compare-and-set, as what isEmpty reads: TaskQueue.sleep stands on it.
                SLOT.setRelease(ring, slot(ring, tail), task); // with acquire by poll
                return true;
            }
        }
    }

    /** Looks how much was taken; tells whether that gives room for a number, or another thread has found out meanwhile. */
    private boolean raise(@Nullable Object[] ring, long tail, long limit) {
        // With release by poll, which empties a slot before: who finds room here does not write to a slot that is not empty.
        long raised = (long) WORD.getAcquire(words, HEAD) + (slots(ring) - 1) * ONE;
        if (raised <= tail) {
            return false;
        }
        // It fails where another thread was first, by whose word all goes on; also where the ring was another one by now.
        if (!WORD.compareAndSet(words, LIMIT, limit, raised)) { // with acquire by add
            Thread.onSpinWait();
        }
        return true;
    }

    /** Goes on in another ring, with a task that has no room in this one; returns false where the number is not the next. */
    private boolean grow(@Nullable Object[] ring, long tail, Runnable task) {
        // Before the others have to wait: nothing that could fail comes behind it.
        @Nullable Object[] next = new Object[Math.min(slots(ring) * 2, LONGEST_RING) + 1];
        next[slot(next, tail)] = task;
        if (!WORD.compareAndSet(words, TAIL, tail, tail | GROWING)) { // with volatile by add and close
            return false;
        }
        ring[slots(ring)] = next;
        tailRing = next;
        WORD.setRelease(words, LIMIT, tail + (slots(next) - 1) * ONE); // with acquire by add
        // Volatile, as in add.
        WORD.setVolatile(words, TAIL, tail + ONE); // with volatile by add, close and isEmpty
        SLOT.setRelease(ring, slot(ring, tail), GOES_ON); // with acquire by poll, which then sees the two slots above
        return true;
    }

    /** Waits for the step of another thread, which has lost its processor if that takes long. */
    private static void pause(int tries) {
        if (tries < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    private static int slots(@Nullable Object[] ring) {
        return ring.length - 1;
    }

    private static int slot(@Nullable Object[] ring, long number) {
        return (int) (number >>> SHIFT) & slots(ring) - 1;
    }

    /** Takes the first task, or null if nothing waits. */
    @Nullable Runnable poll() {
        @Nullable Object[] ring = headRing;
        long head = words[HEAD];
        int slot = slot(ring, head);
        Object task = SLOT.getAcquire(ring, slot); // with release by add and grow
        if (task == null) {
            if (isTail(head)) {
                return null;
            }
            task = await(ring, slot);
        }
        if (task == GOES_ON) {
            ring[slot] = null;
            ring = goOn(ring);
            slot = slot(ring, head);
            task = ring[slot];
        }
        ring[slot] = null;
        WORD.setRelease(words, HEAD, head + ONE); // with acquire by raise, isEmpty and size
        return (Runnable) task;
    }

    private @Nullable Object[] goOn(@Nullable Object[] ring) {
        int last = slots(ring);
        @Nullable Object[] next = (Object[]) ring[last];
        // Nothing leads from what is garbage to what is not.
        ring[last] = null;
        headRing = next;
        return next;
    }

    /** Another thread is between the two steps of its add. */
    private static Object await(@Nullable Object[] ring, int slot) {
        Object task;
        int tries = 0;
        do {
            pause(tries++);
            task = SLOT.getAcquire(ring, slot); // with release by add and grow
        } while (task == null);
        return task;
    }

    private boolean isTail(long number) {
        return ((long) WORD.getVolatile(words, TAIL) & ~FLAGS) == number; // with compare-and-set by add, volatile by grow
    }

    /** Tells whether nothing waits. From any thread. */
    boolean isEmpty() {
        return isTail((long) WORD.getAcquire(words, HEAD)); // with release by poll
    }

    /** Tells whether it takes nothing more. From any thread. */
    boolean isClosed() {
        return ((long) WORD.getVolatile(words, TAIL) & CLOSED) != 0; // with compare-and-set by close
    }

    /** Counts what waits; from another thread than the one that takes them, nearly. */
    int size() {
        // In this order what is taken meanwhile only makes it more.
        long head = (long) WORD.getAcquire(words, HEAD); // with release by poll
        long tail = (long) WORD.getVolatile(words, TAIL); // with compare-and-set by add, volatile by grow
        return (int) Math.min(Integer.MAX_VALUE, (tail >>> SHIFT) - (head >>> SHIFT));
    }

    /** Takes nothing more; what was added before can still be taken. */
    void close() {
        for (int tries = 0; ; tries++) {
            long tail = (long) WORD.getVolatile(words, TAIL); // with compare-and-set by add, volatile by grow
            if ((tail & CLOSED) != 0
                    || (tail & GROWING) == 0 && WORD.compareAndSet(words, TAIL, tail, tail | CLOSED)) { // with add
                return;
            }
            pause(tries);
        }
    }
}
