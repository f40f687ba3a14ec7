/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.Handle;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Which thread may use a loop and its handles. */
public abstract class OwnershipContract extends Contract {

    private static final Duration PATIENCE = Patience.seconds(60);

    /** Runs on another thread and answers what that threw. */
    private static Throwable elsewhere(Executable call) throws Exception {
        FutureTask<Throwable> task = new FutureTask<>(() -> {
            try {
                call.execute();
                return null;
            } catch (Throwable thrown) {
                return thrown;
            }
        });
        Thread.ofPlatform().daemon().start(task);
        return task.get();
    }

    @Test
    void everyOtherThreadIsToldToUseExecute() throws Exception {
        Ends ends = ends();
        Timer timer = new Timer(loop);
        Async async = new Async(loop, handle -> {});
        List<Executable> calls = List.of(
                () -> loop.alive(), () -> loop.now(), () -> loop.updateTime(), () -> loop.handles(),
                () -> loop.close(), () -> loop.uncaughtExceptionHandler((l, t) -> {}),
                () -> new Pipe(loop), () -> new Timer(loop), () -> new Async(loop, handle -> {}), () -> Pipe.pair(loop),
                () -> ends.a().write(bytes("x")), () -> ends.a().tryWrite(bytes("x")), () -> receive(ends.a()),
                () -> ends.a().stopRead(), () -> ends.a().shutdown(), () -> ends.a().close(), () -> ends.a().closed(),
                () -> ends.a().close(handle -> {}), () -> ends.a().onClose(handle -> {}),
                () -> ends.a().active(), () -> ends.a().ref(),
                () -> ends.a().unref(), () -> ends.a().hasRef(), () -> ends.a().readable(), () -> ends.a().writable(),
                () -> ends.a().fileno(), () -> ends.a().detach(), () -> ends.a().writeQueueSize(),
                () -> ends.a().sendBufferSize(), () -> ends.a().localName(), () -> ends.a().peerCredentials(),
                () -> ends.a().pipeTo(ends.b()), () -> ends.a().idleTimeout(Duration.ofSeconds(1), handle -> {}),
                () -> ends.a().writeWatermarks(1, 2), () -> ends.a().onDrain(handle -> {}), () -> pipeBind(ends.a()),
                () -> timer.start(handle -> {}, Duration.ZERO), timer::stop, timer::again, timer::repeat, timer::dueIn,
                async::close);
        for (int i = 0; i < calls.size(); i++) {
            int number = i;
            Throwable thrown = elsewhere(calls.get(i));
            assertInstanceOf(WrongThreadException.class, thrown, () -> "call " + number + ": " + thrown);
            assertTrue(thrown.getMessage().contains("loop.execute"), thrown::getMessage);
            assertTrue(thrown.getMessage().contains(Thread.currentThread().getName()), thrown::getMessage);
        }
        assertFalse(ends.a().closed(), "none of it had an effect");
        assertEquals(List.of(ends.a(), ends.b(), timer, async), loop.handles());
    }

    @Test
    void metricsAndDumpAnswerOtherThreads() throws Exception {
        new Timer(loop).start(handle -> {
            long turns = loop.metrics().iterations();
            assertNull(elsewhere(() -> assertEquals(turns, loop.metrics().iterations())));
            assertNull(elsewhere(() -> assertTrue(loop.dump().contains("Timer"), loop::dump)));
            log.add("asked");
        }, Duration.ZERO);
        run();
        assertEquals(List.of("asked"), log);
    }

    private void pipeBind(Pipe pipe) throws Exception {
        pipe.bind(kernel.freshName());
    }

    @Test
    void whoWantsToWaitForALoopNeedsAnotherThreadThatRunsIt() throws Exception {
        Executable check = loop::requireRunningElsewhere;
        String reason = kernel.kernel().blocksThread() ? "nobody runs this loop" : "simulated";
        for (Throwable refused : List.of(assertThrows(IllegalStateException.class, check), elsewhere(check))) {
            assertTrue(refused.getMessage().contains(reason), refused::getMessage);
        }
        List<Throwable> inside = new ArrayList<>();
        loop.execute(() -> {
            inside.add(assertThrows(IllegalStateException.class, check));
            try {
                inside.add(elsewhere(check));
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
        run();
        String itself = kernel.kernel().blocksThread() ? "wait for itself" : "simulated";
        assertTrue(inside.get(0).getMessage().contains(itself), inside.get(0)::getMessage);
        if (kernel.kernel().blocksThread()) {
            assertEquals(null, inside.get(1), "another thread may wait");
        } else {
            assertInstanceOf(IllegalStateException.class, inside.get(1));
        }
    }

    @Test
    void executeStopAndSendAreForEveryThread() throws Exception {
        Async async = new Async(loop, Handle::close);
        assertEquals(null, elsewhere(() -> {
            loop.execute(() -> log.add("task"));
            async.send();
        }));
        run();
        assertEquals(List.of("task"), log);
        assertEquals(null, elsewhere(loop::stop));
        new Timer(loop).start(notes("timer"), Duration.ZERO);
        assertTrue(run(), "stopped before it ran");
        run();
        assertEquals(List.of("task", "timer"), log);
    }

    @Test
    void aLoopBelongsToTheThreadThatRunsIt() throws Exception {
        Async async = new Async(loop, handle -> log.add("on " + Thread.currentThread().getName()));
        CountDownLatch running = new CountDownLatch(1);
        loop.execute(running::countDown);
        Thread runner = Thread.ofPlatform().daemon().name("runner").start(() -> loop.run());
        running.await();
        WrongThreadException refused = assertThrows(WrongThreadException.class, async::active);
        assertTrue(refused.getMessage().contains("runner"), refused::getMessage);
        assertThrows(IllegalStateException.class, () -> loop.run(), "it runs already");
        async.send();
        loop.execute(async::close);
        runner.join();
        assertEquals(List.of("on runner"), log);
        assertTrue(async.closed(), "once that thread has ended, the next one owns the loop");
        new Timer(loop).start(notes("here"), Duration.ZERO);
        run();
        assertEquals("here", log.getLast());
    }

    @Test
    void aLoopOfAThreadThatHasEndedBelongsToTheNextThatUsesIt() throws Exception {
        Loop[] made = new Loop[1];
        elsewhere(() -> made[0] = KernelAccess.loop(kernel.kernel()));
        try (Loop orphan = awaitOwnerless(made[0])) {
            new Timer(orphan).start(notes("timer"), Duration.ZERO);
            orphan.run();
        }
        assertEquals(List.of("timer"), log);
    }

    @Test
    void ofTwoThreadsThatTakeAnOwnerlessLoopOneIsRefused() throws Throwable {
        int rounds = 300;
        Loop[] orphans = new Loop[rounds];
        for (int i = 0; i < rounds; i++) {
            Loop[] made = new Loop[1];
            Thread.ofPlatform().start(() -> assertDoesNotThrow(() -> made[0] = KernelAccess.loop(kernel.kernel()))).join();
            orphans[i] = made[0];
        }
        AtomicInteger present = new AtomicInteger();
        AtomicInteger[] owners = Stream.generate(AtomicInteger::new).limit(rounds).toArray(AtomicInteger[]::new);
        Executable contender = () -> {
            for (int i = 0; i < rounds; i++) {
                present.incrementAndGet();
                meet(present, 2 * (i + 1));
                try {
                    orphans[i].alive();
                    owners[i].incrementAndGet();
                } catch (WrongThreadException refused) {
                    assertTrue(refused.getMessage().contains("loop.execute"), refused::getMessage);
                }
            }
            // Who has ended owns nothing any more.
            present.incrementAndGet();
            meet(present, 2 * (rounds + 1));
        };
        FutureTask<Throwable> other = new FutureTask<>(() -> elsewhere(contender));
        Thread.ofPlatform().daemon().start(other);
        contender.execute();
        assertNull(other.get());
        for (int i = 0; i < rounds; i++) {
            assertEquals(1, owners[i].get(), "owners of loop " + i);
            awaitOwnerless(orphans[i]).close();
        }
    }

    /** Waits for another thread as short as can be; it may have no core to run on meanwhile. */
    private static void meet(AtomicInteger present, int count) {
        for (int i = 1; present.get() < count; i++) {
            if (i % 1000 == 0) {
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** The future's result comes a moment before its thread ends. */
    private static Loop awaitOwnerless(Loop orphan) {
        while (true) {
            try {
                orphan.alive();
                return orphan;
            } catch (WrongThreadException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aLoopMayBeRunByOneThreadAfterAnother() throws Exception {
        for (int i = 0; i < 3; i++) {
            Timer timer = new Timer(loop);
            timer.start(handle -> {
                log.add(Thread.currentThread().getName());
                handle.close();
            }, Duration.ZERO);
            Thread runner = Thread.ofPlatform().daemon().name("runner " + i).start(() -> loop.run());
            runner.join();
        }
        assertEquals(List.of("runner 0", "runner 1", "runner 2"), log);
    }

    @Test
    void onlyAKernelThatBlocksRefusesAVirtualThread() throws Exception {
        new Timer(loop).start(notes("timer"), Duration.ZERO);
        FutureTask<Throwable> task = new FutureTask<>(() -> {
            try {
                loop.run();
                return null;
            } catch (IllegalStateException refused) {
                return refused;
            }
        });
        Thread.ofVirtual().start(task).join();
        Throwable thrown = task.get();
        if (kernel.kernel().blocksThread()) {
            assertTrue(thrown.getMessage().contains("platform thread"), thrown::getMessage);
            run();
        } else {
            assertEquals(null, thrown);
        }
        assertEquals(List.of("timer"), log);
    }

    @Test
    void handlesOfALoopAreUsableByItsNextOwner() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        Thread runner = Thread.ofPlatform().daemon().start(() -> {
            loop.execute(() -> ends.a().write(bytes("from there"), (a, error) -> a.close()));
            loop.run();
        });
        runner.join();
        assertEquals("from there", received.text());
    }

    @Test
    void ofTwoThreadsThatRunALoopAtTheSameMomentOneIsRefused() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (Loop contested = KernelAccess.loop(kernel.kernel())) {
                new Async(contested, handle -> {});
                AtomicInteger refused = new AtomicInteger();
                AtomicInteger ready = new AtomicInteger();
                Runnable attempt = () -> {
                    ready.incrementAndGet();
                    meet(ready, 2);
                    try {
                        contested.run();
                    } catch (IllegalStateException running) {
                        refused.incrementAndGet();
                        contested.stop();
                    }
                };
                Thread one = Thread.ofPlatform().daemon().start(attempt);
                Thread two = Thread.ofPlatform().daemon().start(attempt);
                assertTrue(one.join(PATIENCE) && two.join(PATIENCE), "both run it");
                assertEquals(1, refused.get());
            }
        }
    }

    @Test
    void aHandleOfALoopOfAnotherThreadIsRefused() throws Exception {
        Pipe[] ends = Pipe.pair(loop, true);
        Pipe own = ends().a();
        ByteBuffer data = ByteBuffer.wrap(bytes("x"));
        CompletableFuture<Pipe> made = new CompletableFuture<>();
        CountDownLatch tried = new CountDownLatch(1);
        Thread stranger = Thread.ofPlatform().daemon().start(() -> {
            try (Loop other = KernelAccess.loop(kernel.kernel())) {
                made.complete(Pipe.pair(other)[0]);
                tried.await();
            } catch (Exception failed) {
                made.completeExceptionally(failed);
            }
        });
        Pipe foreign = made.get();
        try {
            assertThrows(WrongThreadException.class, () -> ends[0].write(data, logs("never"), own, foreign));
            assertThrows(WrongThreadException.class, () -> ends[0].tryWrite(data, foreign));
        } finally {
            tried.countDown();
            stranger.join();
        }
        assertEquals(0, ends[0].writeQueueSize());
        settle();
        assertEquals(List.of(), log);
    }
}
