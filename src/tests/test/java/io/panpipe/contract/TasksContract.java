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
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tasks that other threads hand to a loop. */
public abstract class TasksContract extends Contract {

    private static Thread start(Runnable task) {
        return Thread.ofPlatform().daemon().start(task);
    }

    @Test
    void executeNeverRunsTheTaskInside() {
        loop.execute(() -> log.add("ran"));
        assertEquals(List.of(), log);
        assertTrue(loop.alive(), "a queued task keeps the loop alive");
        assertFalse(run());
        assertEquals(List.of("ran"), log);
    }

    @Test
    void tasksOfATaskRunLater() {
        loop.execute(() -> {
            loop.execute(() -> log.add("inner"));
            log.add("outer");
        });
        run();
        assertEquals(List.of("outer", "inner"), log);
    }

    @Test
    void aTaskOfAnotherThreadWakesTheLoopAndRunsOnItsThread() throws Exception {
        Thread loopThread = Thread.currentThread();
        Async hold = new Async(loop, handle -> {});
        Thread other = start(() -> loop.execute(() -> {
            assertSame(loopThread, Thread.currentThread());
            log.add("ran");
            hold.close();
        }));
        run();
        other.join();
        assertEquals(List.of("ran"), log);
    }

    @Test
    void tasksOfManyThreadsRunInTheOrderOfEachAndNoneIsLost() throws Exception {
        int threads = 4;
        int each = 10_000;
        List<List<Integer>> seen = new ArrayList<>();
        AtomicInteger left = new AtomicInteger(threads * each);
        Async hold = new Async(loop, handle -> {});
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            List<Integer> mine = new ArrayList<>();
            seen.add(mine);
            senders.add(start(() -> {
                for (int j = 0; j < each; j++) {
                    int number = j;
                    loop.execute(() -> {
                        mine.add(number);
                        if (left.decrementAndGet() == 0) {
                            hold.close();
                        }
                    });
                }
            }));
        }
        run();
        for (Thread sender : senders) {
            sender.join();
        }
        for (List<Integer> one : seen) {
            assertEquals(IntStream.range(0, each).boxed().toList(), one);
        }
    }

    @Test
    void pingPongBetweenThreadsLosesNoWakeUp() throws Exception {
        Async hold = new Async(loop, handle -> {});
        Thread other = start(() -> {
            for (int i = 0; i < 2_000; i++) {
                CompletableFuture<Integer> answer = new CompletableFuture<>();
                int number = i;
                loop.execute(() -> answer.complete(number));
                assertEquals(number, answer.join());
            }
            loop.execute(hold::close);
        });
        run();
        other.join();
        assertTrue(hold.closed());
    }

    @Test
    void anExecutorOfTheJdkMayBeBuiltOnIt() {
        CompletableFuture<String> result = CompletableFuture.supplyAsync(() -> "computed", loop)
                .thenApplyAsync(text -> text + " on the loop", loop);
        run();
        assertEquals("computed on the loop", result.join());
    }

    @Test
    void whatATaskThrowsReachesTheHandlerAndTheOthersRun() {
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        loop.execute(() -> {
            throw new IllegalStateException("thrown by a task");
        });
        loop.execute(() -> log.add("second"));
        loop.execute(() -> {
            throw new AssertionError("thrown error");
        });
        run();
        assertEquals(List.of("thrown by a task", "second", "thrown error"), log);
    }

    @Test
    void tasksThatQueueTasksStarveNobody() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        ends.a().write(bytes("through"), (a, error) -> a.close());
        Runnable again = new Runnable() {
            @Override
            public void run() {
                if (log.isEmpty() || received.end() == null) {
                    loop.execute(this);
                }
            }
        };
        loop.execute(again);
        new Timer(loop).start(notes("timer"), Duration.ZERO);
        run();
        assertEquals("through", received.text());
        assertEquals(List.of("timer"), log);
    }

    @Test
    void whatATaskWritesIsSent() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        Thread other = start(() -> loop.execute(() -> ends.a().write(bytes("from a task"), (a, error) -> a.close())));
        run();
        other.join();
        assertEquals("from a task", received.text());
    }

    @Test
    void closeOfTheLoopRunsWhatIsQueuedAndRefusesTheRest() {
        loop.execute(() -> {
            log.add("queued");
            loop.execute(() -> log.add("queued by a task"));
            new Pipe(loop).close(notes("closed"));
        });
        loop.close();
        assertEquals(List.of("closed", "queued", "queued by a task"), log.stream().sorted().toList());
        assertThrows(RejectedExecutionException.class, () -> loop.execute(() -> log.add("late")));
        loop.stop();
        assertEquals(3, log.size());
    }

    @Test
    void tasksRacingWithCloseAreRunOrRefused() throws Exception {
        AtomicInteger accepted = new AtomicInteger();
        int[] ran = new int[1];
        Thread other = start(() -> {
            try {
                while (true) {
                    loop.execute(() -> ran[0]++);
                    accepted.incrementAndGet();
                }
            } catch (RejectedExecutionException closed) {
                // What is expected in the end.
            }
        });
        while (accepted.get() < 100) {
            run(RunMode.NOWAIT);
        }
        loop.close();
        other.join();
        assertEquals(accepted.get(), ran[0]);
    }

    @Test
    void stopOfAnotherThreadEndsTheRun() throws Exception {
        Async hold = new Async(loop, handle -> {});
        Thread other = start(loop::stop);
        assertTrue(run(), "something still keeps it alive");
        other.join();
        hold.close();
        assertFalse(run());
    }

    @Test
    void nullIsRefused() {
        assertThrows(NullPointerException.class, () -> loop.execute(null));
    }
}
