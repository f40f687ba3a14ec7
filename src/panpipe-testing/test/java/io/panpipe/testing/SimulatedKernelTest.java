/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import io.panpipe.testbed.Patience;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many loops and processes on one thread: who gets turns, what the time is, and what is told of a failure. */
@Tag("simulated")
class SimulatedKernelTest {

    private static final byte[] DATA = "hello".getBytes();

    private final List<String> log = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void runStepsAllLoopsUntilNothingHappens(long seed) throws Exception {
        try (SimulatedKernel kernel = seed == 0 ? SimulatedKernel.quiet() : new SimulatedKernel(seed)) {
            String name = kernel.freshName();
            Echo echo = new Echo();
            echo.serve(kernel.process("server").loop(), name);
            echo.connect(kernel.process("client").loop(), name, new byte[300_000]);
            assertTrue(kernel.run(), "the server still listens");
            assertEquals(300_000, echo.received);
            echo.server.close();
            assertFalse(kernel.run());
            kernel.checkNothingLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void aLoopThatRunsGivesTheOthersTurns(long seed) throws Exception {
        try (SimulatedKernel kernel = seed == 0 ? SimulatedKernel.quiet() : new SimulatedKernel(seed)) {
            String name = kernel.freshName();
            Echo echo = new Echo();
            echo.serve(kernel.process("server").loop(), name);
            Loop clients = kernel.process("client").loop();
            echo.connect(clients, name, DATA);
            assertFalse(clients.run());
            assertTrue(echo.log.contains("echoed"), echo.log::toString);
        }
    }

    @Test
    void pollingSeesEverythingToo() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            String name = kernel.freshName();
            Echo echo = new Echo();
            Loop servers = kernel.loop();
            echo.serve(servers, name);
            Loop clients = kernel.loop();
            new Timer(servers).start(t -> echo.connect(clients, name, DATA), Duration.ofSeconds(3));
            new Timer(clients).start(t -> {}, Duration.ofHours(1));
            while (echo.received == 0) {
                clients.run(RunMode.NOWAIT);
            }
            assertTrue(kernel.time().compareTo(Duration.ofSeconds(3)) >= 0);
        }
    }

    @Test
    void timeMovesToTheNextTimerOfAnyLoop() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Loop one = kernel.loop();
            Loop other = kernel.loop();
            new Timer(one).start(t -> log.add("hour " + kernel.time()), Duration.ofHours(1));
            new Timer(other).start(t -> log.add("minute " + kernel.time()), Duration.ofMinutes(1));
            long begin = System.nanoTime();
            assertFalse(kernel.run());
            assertEquals(List.of("minute PT1M", "hour PT1H"), log);
            assertTrue(System.nanoTime() - begin < Duration.ofMinutes(1).toNanos());
        }
    }

    @Test
    void runForATimeStopsThere() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Timer ticking = new Timer(kernel.loop());
            ticking.start(t -> log.add("tick"), Duration.ofSeconds(1), Duration.ofSeconds(1));
            assertTrue(kernel.run(Duration.ofMillis(3500)));
            assertEquals(List.of("tick", "tick", "tick"), log);
            assertEquals(Duration.ofMillis(3500), kernel.time());
        }
    }

    @Test
    void aLoopThatWaitsInVainSaysSo() throws Exception {
        try (SimulatedKernel kernel = new SimulatedKernel(99)) {
            Pipe server = new Pipe(kernel.loop());
            server.bind(kernel.freshName());
            server.listen((s, error) -> {});
            IllegalStateException stalled = assertThrows(IllegalStateException.class, server.loop()::run);
            assertTrue(stalled.getMessage().contains("nothing will ever happen"), stalled::getMessage);
            assertTrue(stalled.getMessage().contains("/simulated/pipe-1"), stalled::getMessage);
            assertTrue(stalled.getMessage().contains("seed 99"), stalled::getMessage);
        }
    }

    @Test
    void anotherThreadCanWakeALoopThatIsToldToWait() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            kernel.waitForThreads(Patience.seconds(30));
            Async wake = new Async(kernel.loop(), a -> {
                log.add("woken");
                a.close();
            });
            Thread other = Thread.ofPlatform().start(wake::send);
            wake.loop().run();
            other.join();
            assertEquals(List.of("woken"), log);
        }
    }

    @Test
    void stopEndsTheRunOfOneLoopOnly() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Loop one = kernel.loop();
            Loop other = kernel.loop();
            Timer ticking = new Timer(one);
            ticking.start(t -> {
                log.add("tick");
                one.stop();
            }, Duration.ofMillis(1), Duration.ofMillis(1));
            new Timer(other).start(t -> log.add("done"), Duration.ofMillis(10));
            assertTrue(kernel.run());
            assertEquals(List.of("tick", "done"), log);
            assertTrue(one.run());
            assertEquals(List.of("tick", "done", "tick"), log);
        }
    }

    @Test
    void sameSeedSameTrace() throws Exception {
        assertEquals(traceOf(42), traceOf(42));
        assertNotEquals(traceOf(42), traceOf(43));
    }

    private static String traceOf(long seed) throws Exception {
        try (SimulatedKernel kernel = new SimulatedKernel(seed)) {
            String name = kernel.freshName();
            Echo echo = new Echo();
            echo.serve(kernel.process("server").loop(), name);
            kernel.when(Call.READ).withProbability(0.3).movesAtMost(7);
            for (int i = 0; i < 3; i++) {
                echo.connect(kernel.process("client " + i).loop(), name, new byte[5000]);
            }
            Udp udp = new Udp(kernel.loop());
            udp.bind(new InetSocketAddress("127.0.0.1", 0));
            udp.startRecv((u, data, from, error) -> u.close());
            new Udp(kernel.loop()).send(ByteBuffer.wrap(DATA), udp.localAddress(), (u, error) -> u.close());
            kernel.run();
            return kernel.trace();
        }
    }

    @Test
    void theTraceTellsWhatHappened() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            String name = kernel.freshName();
            Echo echo = new Echo();
            echo.serve(kernel.process("server").loop(), name);
            echo.connect(kernel.process("client").loop(), name, DATA);
            kernel.note("before");
            kernel.run();
            String trace = kernel.trace();
            for (String line : List.of("server: bind to " + name, "note: before", "client: connected to " + name,
                    "server: accept", "client: write to #2 5 of 5", "server: read #3 5", "client: close")) {
                assertTrue(trace.contains(line), () -> line + " is not in\n" + trace);
            }
        }
    }

    @Test
    void differentSeedsInterleaveDifferently() {
        Set<List<String>> orders = new HashSet<>();
        for (long seed = 0; seed < 200; seed++) {
            List<String> order = new ArrayList<>();
            try (SimulatedKernel kernel = new SimulatedKernel(seed)) {
                for (String who : List.of("a", "b", "c")) {
                    kernel.process(who).loop().execute(() -> order.add(who));
                }
                kernel.run();
            }
            orders.add(order);
        }
        assertEquals(6, orders.size(), orders::toString);
    }

    @Test
    void whatACallbackThrowsEndsTheRunAndTellsTheSeed() {
        try (SimulatedKernel kernel = new SimulatedKernel(7)) {
            AssertionError failed = new AssertionError("failed");
            new Timer(kernel.loop()).start(t -> {
                throw failed;
            }, Duration.ofMillis(1));
            AssertionError thrown = assertThrows(AssertionError.class, kernel::run);
            assertSame(failed, thrown);
            assertTrue(Arrays.toString(thrown.getSuppressed()).contains("seed 7"));
        }
    }

    @Test
    void theFailureOfAWriteWithoutCallbackIsNoted() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            pair[1].close();
            pair[0].write(DATA);
            kernel.run();
            assertTrue(kernel.trace().contains("EPIPE"), kernel::trace);
            pair[0].close();
            kernel.checkNothingLeft();
        }
    }

    @Test
    void leaksAreFound() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            pair[0].close(p -> log.add("closed"));
            AssertionError leak = assertThrows(AssertionError.class, kernel::checkNothingLeft);
            assertTrue(leak.getMessage().contains("Pipe of process main is open"), leak::getMessage);
            assertEquals(List.of("closed"), log, "what is closed may finish");
            long descriptor = pair[1].detach();
            assertTrue(descriptor > 0);
            leak = assertThrows(AssertionError.class, kernel::checkNothingLeft);
            assertTrue(leak.getMessage().contains("1 descriptors"), leak::getMessage);
        }
    }

    @Test
    void aCallbackThatThrowsWhenTheMachineIsClosedLeavesNoLoopOpen() {
        SimulatedKernel kernel = SimulatedKernel.quiet();
        List<Loop> loops = List.of(kernel.loop(), kernel.loop(), kernel.process("other").loop());
        List<Object> pipes = new ArrayList<>();
        for (Loop loop : loops) {
            Pipe pipe = new Pipe(loop);
            pipe.close(closed -> {
                pipes.add(closed);
                throw new IllegalStateException("thrown " + pipes.size());
            });
        }
        RuntimeException thrown = assertThrows(IllegalStateException.class, kernel::close);
        assertEquals("thrown 1", thrown.getMessage());
        assertEquals(3, pipes.size());
        loops.forEach(loop -> assertThrows(IllegalStateException.class, loop::run));
        kernel.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3})
    void whatAnotherLoopThrowsDoesNotEndTheCloseOfALoop(long seed) throws Exception {
        try (SimulatedKernel kernel = seed == 0 ? SimulatedKernel.quiet() : new SimulatedKernel(seed)) {
            Loop closing = kernel.loop();
            Pipe[] pair = Pipe.pair(closing);
            pair[0].write(new byte[1_000_000], (p, error) -> log.add(error.code().name()));
            kernel.process("other").loop().execute(() -> {
                throw new IllegalStateException("of the other");
            });
            closing.close();
            assertEquals(List.of("ECANCELED"), log);
            assertEquals(0, kernel.main().openDescriptors());
            assertEquals("of the other", assertThrows(IllegalStateException.class, kernel::run).getMessage());
        }
    }

    @Test
    void argumentsBelowZeroAreRefused() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Duration negative = Duration.ofNanos(-1);
            assertThrows(IllegalArgumentException.class, () -> kernel.run(negative));
            assertThrows(IllegalArgumentException.class, () -> kernel.waitForThreads(negative));
            assertThrows(IllegalArgumentException.class, () -> kernel.longestCallback(negative));
            assertThrows(IllegalArgumentException.class, () -> kernel.trace(-1));
        }
    }

    @Test
    void twoThreadsCannotRunOneMachine() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Loop one = kernel.loop();
            List<Throwable> thrown = new ArrayList<>();
            one.execute(() -> {
                Thread other = Thread.ofPlatform().start(() -> {
                    try {
                        kernel.run();
                    } catch (IllegalStateException refused) {
                        thrown.add(refused);
                    }
                });
                try {
                    other.join();
                } catch (InterruptedException unexpected) {
                    throw new IllegalStateException(unexpected);
                }
            });
            kernel.run();
            assertEquals(1, thrown.size());
        }
    }

    @Test
    void tcpAndUdpReachEachOtherAcrossProcesses() throws Exception {
        try (SimulatedKernel kernel = new SimulatedKernel(11)) {
            Loop servers = kernel.process("server").loop();
            Tcp server = new Tcp(servers);
            server.bind(new InetSocketAddress("127.0.0.1", 0));
            server.listen((s, error) -> {
                Tcp connection = new Tcp(servers);
                s.accept(connection);
                connection.pipeTo(connection, (c, end) -> {
                    c.close();
                    s.close();
                });
            });
            Tcp client = new Tcp(kernel.process("client").loop());
            client.connect(server.localAddress(), (c, error) -> {
                c.write(DATA);
                c.shutdown();
                c.startRead((same, data, end) -> {
                    if (data == null) {
                        log.add(end.code().name());
                        same.close();
                    }
                });
            });
            assertFalse(kernel.run());
            assertEquals(List.of("EOF"), log);
            kernel.checkNothingLeft();
        }
    }
}
