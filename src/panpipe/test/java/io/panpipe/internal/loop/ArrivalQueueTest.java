/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("simulated")
class ArrivalQueueTest {

    /** A task that is told from others. */
    private record Numbered(int thread, int number) implements Runnable {
        @Override
        public void run() {
            throw new AssertionError("nobody runs this");
        }
    }

    private final ArrivalQueue queue = new ArrivalQueue();

    private int taken;

    private void add(int from, int to) {
        for (int i = from; i < to; i++) {
            assertTrue(queue.add(new Numbered(0, i)));
        }
    }

    private void take(int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(new Numbered(0, taken++), queue.poll());
        }
    }

    /** The rings have 64 slots at first and 1024 in the end, one of which says where it goes on. */
    @ParameterizedTest
    @ValueSource(ints = {1, 62, 63, 64, 65, 126, 127, 128, 189, 190, 191, 1023, 1024, 1025, 2046, 2047, 10_000})
    void whateverIsAddedComesOutInOrder(int count) {
        for (int round = 0; round < 3; round++) {
            add(taken, taken + count);
            assertEquals(count, queue.size());
            assertFalse(queue.isEmpty());
            take(count);
            assertTrue(queue.isEmpty());
            assertEquals(0, queue.size());
            assertNull(queue.poll());
        }
    }

    @Test
    void aQueueThatIsNeverLongGoesRound() {
        Random random = new Random(3);
        int added = 0;
        for (int i = 0; i < 50_000; i++) {
            int more = random.nextInt(4);
            add(added, added + more);
            added += more;
            take(random.nextInt(Math.min(5, added - taken + 1)));
        }
        take(added - taken);
        assertNull(queue.poll());
    }

    @Test
    void aClosedQueueRefusesAndGivesWhatItHas() {
        add(0, 100);
        queue.close();
        assertTrue(queue.isClosed());
        assertFalse(queue.add(new Numbered(0, 100)));
        queue.close();
        assertFalse(queue.isEmpty());
        assertEquals(100, queue.size());
        take(100);
        assertNull(queue.poll());
        assertTrue(queue.isEmpty());
        assertFalse(queue.add(new Numbered(0, 100)));
    }

    /** Several threads add as fast as they can, one takes, with pauses in which the queue grows, and one closes it on the way. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40, 30_000, Integer.MAX_VALUE})
    void eachTaskOfManyThreadsComesOnceOrWasRefused(int closedAfter) throws Exception {
        int threads = 4;
        int each = 20_000;
        AtomicIntegerArray accepted = new AtomicIntegerArray(threads);
        AtomicInteger running = new AtomicInteger(threads);
        List<Thread> adding = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            adding.add(Thread.ofPlatform().daemon().start(() -> {
                for (int i = 0; i < each && queue.add(new Numbered(thread, i)); i++) {
                    accepted.incrementAndGet(thread);
                }
                running.decrementAndGet();
            }));
        }
        int[] next = new int[threads];
        Random random = new Random(closedAfter);
        int sum = 0;
        while (running.get() > 0 || !queue.isEmpty()) {
            if (sum >= closedAfter) {
                queue.close();
            }
            for (int i = random.nextInt(2000); i > 0 && queue.poll() instanceof Numbered task; i--) {
                assertEquals(next[task.thread()]++, task.number(), "those of one thread come in their order");
                sum++;
            }
            if (random.nextInt(8) == 0) {
                Thread.yield();
            }
        }
        for (Thread thread : adding) {
            thread.join();
        }
        assertNull(queue.poll());
        for (int t = 0; t < threads; t++) {
            assertEquals(accepted.get(t), next[t], "what was taken of thread " + t);
            assertTrue(closedAfter < Integer.MAX_VALUE || next[t] == each);
        }
    }
}
