/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.Handle;
import io.panpipe.HandleCallback;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.LoopMetrics;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a loop runs and ends. */
public abstract class LoopContract extends Contract {

    private Timer timer(String label, long millis) {
        Timer timer = new Timer(loop);
        timer.start(notes(label), Duration.ofMillis(millis));
        return timer;
    }

    @Test
    void aLoopWithNothingToDoReturnsAtOnce() {
        for (RunMode mode : RunMode.values()) {
            assertFalse(run(mode));
        }
        assertFalse(loop.alive());
        new Pipe(loop);
        new Timer(loop);
        assertFalse(run(), "handles that do nothing do not count");
    }

    @Test
    void stopBeforeRunReturnsAtOnceAndOnlyOnce() {
        timer("timer", 0);
        loop.stop();
        assertTrue(run());
        assertEquals(List.of(), log);
        assertFalse(run());
        assertEquals(List.of("timer"), log);
    }

    @Test
    void stopInsideACallbackEndsTheRunAfterTheTurn() {
        new Timer(loop).start(timer -> {
            log.add("timer");
            loop.stop();
        }, Duration.ZERO, Duration.ofMillis(1));
        assertTrue(run());
        assertEquals(1, log.size());
        assertTrue(run());
        assertEquals(2, log.size());
    }

    @Test
    void onceWaitsForOneEvent() {
        timer("timer", 5);
        assertTrue(loop.alive());
        while (run(RunMode.ONCE)) {
            assertEquals(List.of(), log);
        }
        assertEquals(List.of("timer"), log);
    }

    @Test
    void aRunSaysWhetherSomethingIsLeft() {
        assertFalse(loop.run());
        Timer far = timer("far", 3_600_000);
        loop.stop();
        assertTrue(loop.run());
        far.close();
        assertFalse(loop.run());
    }

    @Test
    void nowCountsMilliseconds() {
        long start = System.nanoTime();
        loop.updateTime();
        long before = loop.now();
        timer("timer", 30);
        run();
        long passed = loop.now() - before;
        long real = (System.nanoTime() - start) / 1_000_000;
        assertTrue(passed >= 30 && passed <= 31 + real, () -> passed + " ms by the loop's clock, " + real + " by ours");
    }

    @Test
    void nowaitNeverWaits() {
        Timer far = timer("far", 3_600_000);
        long before = kernel.kernel().nanoTime();
        for (int i = 0; i < 100; i++) {
            assertTrue(run(RunMode.NOWAIT));
        }
        assertTrue(kernel.kernel().nanoTime() - before < 60_000_000_000L);
        assertEquals(List.of(), log);
        far.close();
    }

    @Test
    void onceDoesNotWaitWhenThereIsSomethingToDo() throws Exception {
        Timer far = timer("far", 3_600_000);
        Ends ends = ends();
        ends.a().write(bytes("x"), logs("written"));
        long before = kernel.kernel().nanoTime();
        runUntil(() -> !log.isEmpty());
        ends.a().close(notes("closed"));
        run(RunMode.ONCE);
        loop.execute(() -> log.add("task"));
        run(RunMode.ONCE);
        assertEquals(List.of("written", "closed", "task"), log);
        assertTrue(kernel.kernel().nanoTime() - before < 60_000_000_000L);
        far.close();
    }

    @Test
    void aRunInsideARunIsRefused() {
        new Timer(loop).start(timer -> {
            for (RunMode mode : RunMode.values()) {
                assertThrows(IllegalStateException.class, () -> loop.run(mode));
            }
            assertThrows(IllegalStateException.class, loop::close);
            log.add("refused");
        }, Duration.ZERO);
        run();
        assertEquals(List.of("refused"), log);
    }

    @Test
    void nowIsTheSameForAWholeTurnUnlessUpdated() {
        long[] before = new long[1];
        new Timer(loop).start(timer -> {
            before[0] = loop.now();
            loop.updateTime();
            assertTrue(loop.now() >= before[0]);
        }, Duration.ofMillis(7));
        run();
        assertTrue(before[0] >= 7);
        long later = loop.now();
        timer("x", 3);
        run();
        assertTrue(loop.now() >= later + 3);
    }

    @Test
    void handlesListsThoseThatAreNotClosedInTheOrderOfTheirMaking() throws Exception {
        Pipe pipe = pipe();
        Timer timer = new Timer(loop);
        Async async = new Async(loop, handle -> {});
        List<Handle> before = loop.handles();
        assertEquals(List.of(pipe, timer, async), before);
        timer.close();
        async.close();
        run();
        assertEquals(List.of(pipe), loop.handles());
        assertEquals(3, before.size(), "a list of its own");
        for (Handle handle : loop.handles()) {
            handle.close(notes("closed"));
        }
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void metricsCountTurnsEventsAndIdleTime() throws Exception {
        LoopMetrics zero = loop.metrics();
        assertEquals(new LoopMetrics(0, 0, 0, 0), zero);
        int runs = 0;
        do {
            timer("timer", 100);
            run();
            runs++;
            // A machine that is busy with something else may let the time pass before the loop comes to wait.
        } while (loop.metrics().idleNanos() < 10_000_000 && runs < 100);
        LoopMetrics waited = loop.metrics();
        assertTrue(waited.iterations() >= runs && waited.iterations() < 10 * runs, waited::toString);
        assertTrue(waited.idleNanos() >= 10_000_000, waited::toString);
        Ends ends = ends();
        ends.a().write(bytes("x"), (a, error) -> a.close());
        receive(ends.b());
        run();
        assertTrue(loop.metrics().events() > waited.events());
        assertTrue(loop.metrics().iterations() > waited.iterations());
    }

    // Closing.

    @Test
    void closeClosesWhatIsLeftAndTellsIt() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().write(bytes("x"), logs("write"));
        Pipe server = listening(kernel.freshName(), logs("connection"));
        Timer timer = timer("timer", 1000);
        List<Handle> handles = loop.handles();
        loop.close();
        assertEquals(List.of("write ECANCELED"), log);
        for (Handle handle : handles) {
            assertTrue(handle.closed());
            assertFalse(handle.active());
        }
        assertTrue(handles.containsAll(List.of(server, timer)));
    }

    @Test
    void closeCallsBackTheCloseCallbacksOfHandlesThatWereClosing() {
        pipe().close(notes("first"));
        new Timer(loop).close(notes("second"));
        loop.close();
        assertEquals(List.of("first", "second"), log);
    }

    @Test
    void whatCallbacksOpenWhileTheLoopClosesIsClosedAsWell() throws Exception {
        String name = kernel.freshName();
        Pipe first = pipe();
        first.bind(name);
        HandleCallback<Handle> again = new HandleCallback<>() {
            @Override
            public void call(Handle handle) throws Exception {
                log.add("closed");
                if (log.size() < 5) {
                    Pipe next = pipe();
                    next.bind(name);
                    next.close(this);
                    Pipe.pair(loop);
                }
            }
        };
        first.close(again);
        loop.close();
        assertEquals(5, log.size());
        assertEquals(List.of(), loop.handles());
    }

    @Test
    void closeEndsThoughEachCloseCallbackOpensAHandle() throws Exception {
        int[] made = new int[1];
        openAgain(made, 0);
        openAgain(made, 1);
        loop.close();
        assertTrue(made[0] < 1000, () -> made[0] + " handles");
        assertEquals(List.of(), loop.handles());
        List<Throwable> refusals = takeUncaught();
        assertEquals(2, refusals.size(), refusals::toString);
        for (Throwable refused : refusals) {
            assertInstanceOf(IllegalStateException.class, refused);
            assertTrue(refused.getMessage().contains("being closed"), refused::getMessage);
        }
    }

    /** As a client does that connects anew whenever it is closed, by whomever. */
    private void openAgain(int[] made, int kind) throws PanpipeException {
        Handle handle = kind == 0 ? pipe() : Pipe.pair(loop)[0];
        if (++made[0] < 100_000) {
            handle.onClose(closed -> openAgain(made, kind));
        }
    }

    @Test
    void closeIsIdempotentAndAClosedLoopSaysSo() {
        loop.close();
        loop.close();
        assertThrows(IllegalStateException.class, () -> loop.run());
        assertThrows(IllegalStateException.class, () -> new Pipe(loop));
        assertThrows(IllegalStateException.class, () -> new Timer(loop));
        assertThrows(IllegalStateException.class, () -> new Async(loop, handle -> {}));
        assertThrows(IllegalStateException.class, () -> Pipe.pair(loop));
        loop.stop();
    }

    @Test
    void closeAfterStopWorks() throws Exception {
        Ends ends = ends();
        receive(ends.b());
        loop.execute(loop::stop);
        assertTrue(run());
        loop.close();
        assertTrue(ends.a().closed());
    }

    @Test
    void loopsWorkInTryWithResources() throws Exception {
        try (Loop other = KernelAccess.loop(kernel.kernel());
                Pipe pipe = new Pipe(other);
                Timer timer = new Timer(other)) {
            timer.start(notes("timer"), Duration.ZERO);
            pipe.bind(kernel.freshName());
            other.run();
        }
        assertEquals(List.of("timer"), log);
    }

    @Test
    void aThousandLoopsLeaveNothing() throws Exception {
        for (int i = 0; i < 1000; i++) {
            try (Loop other = KernelAccess.loop(kernel.kernel())) {
                Pipe[] pair = Pipe.pair(other);
                pair[0].write(bytes("x"), logs("written"));
                other.run();
            }
        }
        assertEquals(1000, log.size());
    }

    @Test
    void twoLoopsOfOneThreadTalk() throws Exception {
        String name = kernel.freshName();
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            Pipe server = listening(name, (listener, error) -> {
                Pipe connection = pipe();
                listener.accept(connection);
                receive(connection);
            });
            Pipe client = new Pipe(other);
            client.connect(name, logs("connected"));
            client.write(bytes("x"), (pipe, error) -> pipe.close(notes("client closed")));
            while (!log.contains("client closed")) {
                other.run(RunMode.NOWAIT);
                run(RunMode.NOWAIT);
            }
            server.close();
            settle();
        }
        assertEquals(List.of("connected", "client closed"), log);
    }

    @Test
    void aCallbackMayRunAnotherLoop() {
        new Timer(loop).start(timer -> {
            try (Loop other = KernelAccess.loop(kernel.kernel())) {
                new Timer(other).start(notes("inner"), Duration.ZERO);
                other.run();
            }
            log.add("outer");
        }, Duration.ZERO);
        run();
        assertEquals(List.of("inner", "outer"), log);
    }
}
