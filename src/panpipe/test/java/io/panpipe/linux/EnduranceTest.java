/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.pass;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What shows only after a long time, with many at once, or under strace. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class EnduranceTest {

    @TempDir
    private Path directory;

    @Test
    void aHundredThousandConnectionsLeaveNoDescriptor() throws Exception {
        new Child().run(Scenarios.class, "connections");
    }

    @Test
    void loopsInSeveralThreadsTalkToEachOther() throws Exception {
        int servers = 3;
        int clients = 200;
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < servers; i++) {
                String name = "\0panpipe-" + UUID.randomUUID();
                AtomicInteger listening = new AtomicInteger();
                results.add(threads.submit(() -> serve(name, clients, listening)));
                Callable<Integer> talk = () -> talk(name, clients, listening);
                results.add(threads.submit(talk));
            }
            for (Future<Integer> result : results) {
                assertEquals(clients, result.get());
            }
        }
    }

    private static int serve(String name, int clients, AtomicInteger listening) throws Exception {
        int[] served = new int[1];
        try (Loop loop = Scenario.loop()) {
            Pipe server = new Pipe(loop);
            server.bind(name);
            server.listen((listener, error) -> {
                pass(error);
                Pipe connection = new Pipe(loop);
                listener.accept(connection);
                connection.pipeTo(connection, (echo, failed) -> {
                    pass(failed);
                    echo.close();
                    if (++served[0] == clients) {
                        listener.close();
                    }
                });
            });
            listening.set(1);
            loop.run();
        }
        return served[0];
    }

    private static int talk(String name, int clients, AtomicInteger listening) throws Exception {
        while (listening.get() == 0) {
            Thread.onSpinWait();
        }
        int[] answered = new int[1];
        byte[] data = Scenario.pattern(200_000);
        try (Loop loop = Scenario.loop()) {
            for (int i = 0; i < clients; i++) {
                ByteBuffer got = ByteBuffer.allocate(data.length + 1);
                Pipe client = new Pipe(loop);
                client.connect(name, Patience.minutes(2), (pipe, error) -> {
                    pass(error);
                    pipe.write(data);
                    pipe.shutdown();
                    pipe.startRead((reader, piece, end) -> {
                        if (piece != null) {
                            got.put(piece);
                            return;
                        }
                        checkEquals(ByteBuffer.wrap(data), got.flip());
                        answered[0]++;
                        reader.close();
                    });
                });
            }
            loop.run();
        }
        return answered[0];
    }

    @Test
    void writesOfOneCallbackAndBuffersOfOneListAreOneSystemCall() throws Exception {
        assumeTrue(Child.hasProgram("strace"), "strace counts the system calls");
        Path trace = directory.resolve("trace");
        ProcessBuilder builder = new Child().process(Scenarios.class, "gather").inheritIO();
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", trace.toString(), "-e",
                "trace=sendto,sendmsg,writev,recvfrom"));
        command.addAll(builder.command());
        Process process = builder.command(command).start();
        Child.assertSucceeds(process, "");
        List<String> sent = Files.readAllLines(trace).stream().filter(line -> line.contains("send")).toList();
        // The socket calls of the scenario, in order: three small writes, a list of three, one long direct buffer.
        assertEquals(3, sent.size(), () -> String.join("\n", sent));
        assertTrue(sent.get(0).endsWith("= 6"), sent.get(0));
        assertTrue(sent.get(1).endsWith("= 60000"), sent.get(1));
        assertTrue(sent.get(2).endsWith("= 100000"), sent.get(2));
    }

    @Test
    void aBusyLoopAsksAgainAndAgainBeforeItSleeps() throws Exception {
        assumeTrue(Child.hasProgram("strace"), "strace counts the system calls");
        assertTrue(waits("sleepy") < 10, "a loop that sleeps waits once for its timer");
        assertTrue(waits("busy") > 50, "a busy loop asks until its timer is due");
    }

    /** Counts the epoll_wait calls of a scenario. */
    private long waits(String scenario) throws Exception {
        Path trace = directory.resolve(scenario);
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", trace.toString(), "-e", "trace=epoll_wait"));
        command.addAll(new Child().process(Scenarios.class, scenario).command());
        Child.assertSucceeds(new ProcessBuilder(command).inheritIO().start(), "");
        try (var lines = Files.lines(trace)) {
            return lines.filter(line -> line.contains("epoll_wait")).count();
        }
    }

    /** Run in the child. */
    static final class Scenarios {

        private Scenarios() {}

        private static final int CONNECTIONS = 100_000;
        private static int begun;
        private static int served;

        static void connections() throws Exception {
            String name = "\0panpipe-" + UUID.randomUUID();
            try (Loop loop = Scenario.loop()) {
                Pipe server = new Pipe(loop);
                server.bind(name);
                server.listen((listener, error) -> {
                    pass(error);
                    Pipe connection = new Pipe(loop);
                    listener.accept(connection);
                    connection.startRead((pipe, data, end) -> {
                        checkEquals(2, data.remaining());
                        pipe.close();
                        if (++served == CONNECTIONS) {
                            listener.close();
                        }
                    });
                });
                for (int i = 0; i < 20; i++) {
                    connect(loop, name);
                }
                loop.run(RunMode.NOWAIT);
                int before = Scenario.descriptors().size();
                loop.run();
                checkEquals(CONNECTIONS, served);
                checkEquals(List.of(), loop.handles());
                check(Scenario.descriptors().size() < before, "descriptors grew");
            }
        }

        /** Connects, writes two bytes, waits until the server closes, and does so again. */
        private static void connect(Loop loop, String name) {
            if (begun++ >= CONNECTIONS) {
                return;
            }
            Pipe client = new Pipe(loop);
            client.connect(name, (connected, error) -> {
                pass(error);
                check(loop.handles().size() < 100, "handles grow");
                connected.write(new byte[] {'Q', 'S'}, (pipe, failed) -> pass(failed));
                connected.startRead((pipe, data, end) -> {
                    check(data == null, "nothing is sent back");
                    pipe.close();
                    connect(loop, name);
                });
            });
        }

        static void sleepy() throws Exception {
            waitForTimer(LoopOptions.defaults(), 100);
        }

        static void busy() throws Exception {
            // Long enough for a loop that gets a tenth of a slow processor, and each call of which is traced.
            waitForTimer(LoopOptions.defaults().busyPoll(Duration.ofSeconds(1)), 900);
        }

        private static void waitForTimer(LoopOptions options, int millis) throws Exception {
            try (Loop loop = new Loop(options)) {
                new Timer(loop).start(Timer::close, Duration.ofMillis(millis));
                loop.run();
            }
        }

        static void gather() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop);
                loop.execute(() -> {
                    pair[0].write(new byte[1]);
                    pair[0].write(new byte[2]);
                    pair[0].write(new byte[3]);
                });
                loop.run();
                List<ByteBuffer> list = List.of(ByteBuffer.allocateDirect(20_000), ByteBuffer.allocate(20_000),
                        ByteBuffer.allocateDirect(20_000));
                pair[0].write(list, (pipe, error) -> pass(error));
                loop.run();
                pair[0].write(ByteBuffer.allocateDirect(100_000), (pipe, error) -> pass(error));
                loop.run();
            }
        }
    }
}
