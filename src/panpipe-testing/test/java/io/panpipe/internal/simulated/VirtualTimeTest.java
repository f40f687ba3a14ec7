/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class VirtualTimeTest {

    private static final long DAY = 86_400 * SECOND;

    private final Bench bench = Bench.quiet();
    private final SimulatedKernel kernel = bench.kernel;
    private final long start = kernel.nanoTime();

    private static <T> FutureTask<T> start(Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        Thread thread = new Thread(task, "other loop");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    @Test
    void timeMovesByTheTimeoutWhenNothingIsReady() throws KernelException {
        assertTrue(start > 0);
        assertEquals(0, bench.selector.select(DAY));
        assertEquals(start + DAY, kernel.nanoTime());
        assertEquals(0, bench.selector.select(0));
        assertEquals(start + DAY, kernel.nanoTime());
    }

    @Test
    void timeStandsStillWhileSomethingIsReady() throws KernelException {
        PipeChannel[] pair = bench.pair();
        pair[0].interest(StreamChannel.WRITE);
        assertEquals(List.of("a ready 4"), bench.turn(DAY));
        assertEquals(start, kernel.nanoTime());
    }

    @Test
    void timeStopsAtWhatHappensInTheBackground() throws KernelException {
        Bench flying = Bench.of(SimulatedOptions.quiet().inFlightShare(1));
        PipeChannel[] pair = flying.pair();
        flying.write(pair[0], "x");
        assertEquals(List.of("a written 1"), flying.turn(Selector.FOREVER));
        assertTrue(flying.kernel.nanoTime() - start < SECOND);
    }

    @Test
    void wakeUpsCoalesceAndDoNotMoveTime() throws KernelException {
        bench.selector.wakeup();
        bench.selector.wakeup();
        assertEquals(0, bench.selector.select(Selector.FOREVER));
        assertEquals(start, kernel.nanoTime());
        assertEquals(0, bench.selector.select(SECOND));
        assertEquals(start + SECOND, kernel.nanoTime());
    }

    @Test
    void foreverIsEndedByAWakeUpFromAnotherThread() throws Exception {
        FutureTask<Integer> waiting = start(() -> bench.selector.select(Selector.FOREVER));
        bench.selector.wakeup();
        assertEquals(0, waiting.get());
        assertEquals(start, kernel.nanoTime());
    }

    @Test
    void anInterruptIsKeptAndDoesNotEndTheWait() throws KernelException {
        Thread.currentThread().interrupt();
        bench.selector.select(SECOND);
        assertTrue(Thread.interrupted());
        assertEquals(start + SECOND, kernel.nanoTime());
    }

    @Test
    void aSelectorThatThisThreadDrivesTooDoesNotHoldUpTime() throws KernelException {
        Bench other = Bench.on(kernel);
        other.turn();
        bench.selector.select(DAY);
        assertEquals(start + DAY, kernel.nanoTime());
    }

    @Test
    void otherSelectorsActivityWakesAWaitingOne() throws Exception {
        PipeChannel server = bench.server("s", 1);
        FutureTask<List<String>> waiting = start(() -> {
            Bench other = Bench.on(kernel);
            PipeChannel client = other.client("s");
            client.interest(StreamChannel.READ);
            return other.turn(Selector.FOREVER);
        });
        server.interest(StreamChannel.ACCEPT);
        assertEquals(List.of("server ready 16"), bench.turn(Selector.FOREVER));
        bench.write(bench.accept(server), "hello");
        assertEquals(List.of("client ready 1"), waiting.get());
    }

    @Test
    void timeStandsStillWhileAnotherLoopRuns() throws Exception {
        AtomicBoolean opened = new AtomicBoolean();
        FutureTask<Long> busy = start(() -> {
            Bench other = Bench.on(kernel);
            opened.set(true);
            // Busy for a while of real time, as a callback is; the bench must not see its day pass meanwhile.
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(30);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            long seen = kernel.nanoTime();
            other.selector.select(SECOND);
            other.selector.close();
            return seen;
        });
        while (!opened.get()) {
            Thread.onSpinWait();
        }
        bench.selector.select(DAY);
        assertEquals(start, busy.get());
        assertEquals(start + DAY, kernel.nanoTime());
    }

    @Test
    void aLoopThatHasReturnedDoesNotHoldUpTime() throws Exception {
        SynchronousQueue<Boolean> gone = new SynchronousQueue<>();
        SynchronousQueue<Boolean> ended = new SynchronousQueue<>();
        FutureTask<Boolean> parked = start(() -> {
            Bench.on(kernel).turn();
            gone.put(true);
            return ended.take();
        });
        gone.take();
        bench.selector.select(DAY);
        assertEquals(start + DAY, kernel.nanoTime());
        assertFalse(parked.isDone());
        ended.put(true);
    }

    @Test
    void loopsOnSeveralThreadsMoveOneStreamWhole() throws Exception {
        SimulatedKernel noisy = new SimulatedKernel(SimulatedOptions.noisy().bufferSize(5000));
        int total = 300_000;
        Bench reader = Bench.on(noisy);
        PipeChannel server = reader.server("s", 1);
        FutureTask<Integer> writing = start(() -> new Pump(Bench.on(noisy), "s").send(total));
        server.interest(StreamChannel.ACCEPT);
        PipeChannel accepted = null;
        while (accepted == null) {
            reader.turn(DAY);
            accepted = server.accept();
        }
        reader.told("accepted", accepted).interest(StreamChannel.READ);
        int received = 0;
        for (String text = ""; !text.equals("EOF"); text = reader.read(accepted)) {
            received += text.equals("-") ? 0 : text.length();
            reader.turn(DAY);
        }
        assertEquals(total, received);
        assertEquals(total, writing.get());
    }

    /** A client that sends as a loop does: by readiness, and in flight. */
    private static final class Pump {

        private final Bench bench;
        private final PipeChannel client;

        Pump(Bench bench, String name) throws KernelException {
            this.bench = bench;
            client = bench.pipe("client");
            if (!client.connect(name)) {
                client.interest(StreamChannel.CONNECT);
                bench.turn(Selector.FOREVER);
                client.finishConnect();
            }
        }

        int send(int total) throws KernelException {
            int sent = 0;
            while (sent < total) {
                int result = bench.write(client, Math.min(9000, total - sent));
                client.interest(result == StreamChannel.WOULD_BLOCK ? StreamChannel.WRITE : 0);
                if (result >= 0) {
                    sent += result;
                } else {
                    for (String event : bench.turn(DAY)) {
                        sent += event.startsWith("client written ") ? Integer.parseInt(event.substring(15)) : 0;
                    }
                }
            }
            client.close();
            return sent;
        }
    }
}
