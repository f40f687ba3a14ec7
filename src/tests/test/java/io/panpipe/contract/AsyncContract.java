/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Signals from other threads. */
public abstract class AsyncContract extends Contract {

    private static Thread start(Runnable task) {
        return Thread.ofPlatform().daemon().start(task);
    }

    @Test
    void aSignalFromAnotherThreadCallsBackOnTheLoopsThread() throws Exception {
        Thread loopThread = Thread.currentThread();
        Async async = new Async(loop, itself -> {
            assertSame(loopThread, Thread.currentThread());
            log.add("called");
            itself.close(notes("closed"));
        });
        Thread sender = start(async::send);
        run();
        sender.join();
        assertEquals(List.of("called", "closed"), log);
    }

    @Test
    void sendNeverCallsBackInside() {
        Async async = new Async(loop, itself -> {
            log.add("called");
            itself.close();
        });
        async.send();
        assertEquals(List.of(), log);
        run();
        assertEquals(List.of("called"), log);
    }

    @Test
    void signalsThatArriveTogetherAreOne() {
        Async async = new Async(loop, notes("called"));
        for (int i = 0; i < 1000; i++) {
            async.send();
        }
        settle();
        assertEquals(List.of("called"), log);
        async.send();
        settle();
        assertEquals(List.of("called", "called"), log);
    }

    @Test
    void aSignalInsideTheCallbackCallsAgain() {
        Async async = new Async(loop, itself -> {
            log.add("called");
            if (log.size() < 10) {
                itself.send();
                itself.send();
            } else {
                itself.close();
            }
        });
        async.send();
        run();
        assertEquals(10, log.size());
    }

    @Test
    void noSignalOfManyThreadsIsLost() throws Exception {
        int threads = 4;
        int each = 20_000;
        AtomicLong made = new AtomicLong();
        long[] seen = new long[1];
        Async async = new Async(loop, itself -> {
            // Whoever signals has counted before, so the last call sees all of it.
            seen[0] = made.get();
            if (seen[0] == (long) threads * each) {
                itself.close();
            }
        });
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            senders.add(start(() -> {
                for (int j = 0; j < each; j++) {
                    made.incrementAndGet();
                    async.send();
                }
            }));
        }
        run();
        for (Thread sender : senders) {
            sender.join();
        }
        assertEquals(threads * each, seen[0]);
    }

    @Test
    void severalSignalsAreToldApart() {
        List<Async> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String label = "signal " + i;
            all.add(new Async(loop, notes(label)));
        }
        all.get(7).send();
        all.get(2).send();
        settle();
        assertEquals(List.of("signal 7", "signal 2"), log);
    }

    @Test
    void aPendingSignalOfAClosedHandleIsNotTold() {
        Async async = new Async(loop, notes("called"));
        async.send();
        async.close(notes("closed"));
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void sendAfterCloseIsRefused() throws Exception {
        Async async = new Async(loop, notes("called"));
        async.close();
        assertThrows(IllegalStateException.class, async::send);
        run();
        assertThrows(IllegalStateException.class, async::send);
        Throwable[] thrown = new Throwable[1];
        start(() -> thrown[0] = assertThrows(IllegalStateException.class, async::send)).join();
        assertTrue(thrown[0].getMessage().contains("closed"), thrown[0]::getMessage);
    }

    @Test
    void sendersRacingWithCloseAreRefusedOrTold() throws Exception {
        for (int round = 0; round < 50; round++) {
            Async async = new Async(loop, itself -> {});
            CountDownLatch begun = new CountDownLatch(1);
            Thread sender = start(() -> {
                try {
                    while (true) {
                        async.send();
                        begun.countDown();
                    }
                } catch (IllegalStateException closed) {
                    // What is expected in the end.
                }
            });
            begun.await();
            settle();
            async.close();
            sender.join();
        }
        run();
        assertEquals(List.of(), loop.handles());
    }

    @Test
    void activeAndAliveUntilClosed() {
        Async async = new Async(loop, notes("called"));
        assertTrue(async.active());
        assertTrue(loop.alive());
        async.unref();
        assertFalse(loop.alive());
        assertFalse(run(), "an unreferenced one does not hold the loop");
        async.ref();
        new Timer(loop).start(timer -> async.close(notes("closed")), Duration.ofMillis(5));
        run();
        assertEquals(List.of("closed"), log);
        assertFalse(async.active());
    }

    @Test
    void whatTheCallbackThrowsReachesTheHandler() {
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        Async async = new Async(loop, itself -> {
            throw new Exception("thrown");
        });
        async.send();
        settle();
        async.send();
        settle();
        assertEquals(List.of("thrown", "thrown"), log);
    }
}
