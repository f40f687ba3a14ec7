/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.check;
import static io.panpipe.handles.Scenario.checkEquals;
import static io.panpipe.handles.Scenario.pass;
import static io.panpipe.handles.Scenario.runUntil;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.testbed.ScenarioJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Two processes, neither of them the test's, so that all their descriptors can be counted. */
@EnabledOnOs(OS.LINUX)
class TwoProcessesTest {

    private static final ScenarioJvm SERVER = Scenario.shared("", Ends.class);
    private static final ScenarioJvm CLIENT = Scenario.shared("", Ends.class);

    @TempDir
    private Path directory;

    @AfterAll
    static void end() {
        SERVER.close();
        CLIENT.close();
    }

    private void run(String scenario, String... arguments) throws Exception {
        String name = directory.resolve("s").toString();
        String[] all = Stream.concat(Stream.of(name), Stream.of(arguments)).toArray(String[]::new);
        ScenarioJvm.Task server = SERVER.start(scenario + "Server", all);
        assertEquals("", CLIENT.run(scenario + "Client", all));
        assertEquals("", server.output());
        assertFalse(Files.exists(Path.of(name)));
    }

    @Test
    void tenThousandHandlesEachWayLeaveNoDescriptorBehind() throws Exception {
        run("exchange", "10000");
    }

    @Test
    void ipcHeavyTrafficBothWaysDoesNotDeadlock() throws Exception {
        run("heavy");
    }

    /** What the processes do. */
    static final class Ends {

        private static final int PART = 8 * 1024;
        private static final int WRITES = 3 * 256;
        private static final int WARM_UP = 400;

        private Ends() {}

        /** Takes one connection. */
        private static Pipe accept(Loop loop, String name) throws Exception {
            Pipe end = new Pipe(loop, true);
            Pipe server = new Pipe(loop);
            server.bind(name);
            server.listen((listener, error) -> {
                pass(error);
                listener.accept(end);
                listener.close();
            });
            runUntil(loop, end::readable);
            return end;
        }

        /** Connects, as soon as there is somebody. */
        private static Pipe connect(Loop loop, String name) {
            Pipe end = new Pipe(loop, true);
            connect(end, name);
            runUntil(loop, end::readable);
            return end;
        }

        private static void connect(Pipe end, String name) {
            end.connect(name, (pipe, error) -> {
                if (error != null) {
                    new io.panpipe.Timer(end.loop()).start(timer -> {
                        timer.close();
                        connect(end, name);
                    }, Duration.ofMillis(10));
                }
            });
        }

        static void exchangeServer(String... arguments) throws Exception {
            try (Loop loop = Scenario.loop()) {
                exchange(loop, accept(loop, arguments[0]), Integer.parseInt(arguments[1]), 1);
            }
        }

        static void exchangeClient(String... arguments) throws Exception {
            try (Loop loop = Scenario.loop()) {
                exchange(loop, connect(loop, arguments[0]), Integer.parseInt(arguments[1]), 2);
            }
        }

        private static void exchange(Loop loop, Pipe end, int count, long seed) throws Exception {
            Exchange exchange = new Exchange(end, seed);
            exchange.more(WARM_UP);
            runUntil(loop, exchange::isDone);
            List<String> before = Scenario.descriptors();
            exchange.more(count);
            runUntil(loop, exchange::isDone);
            checkEquals(before, Scenario.descriptors());
            exchange.finish();
        }

        static void heavyServer(String... arguments) throws Exception {
            try (Loop loop = Scenario.loop()) {
                heavy(loop, accept(loop, arguments[0]));
            }
        }

        static void heavyClient(String... arguments) throws Exception {
            try (Loop loop = Scenario.loop()) {
                heavy(loop, connect(loop, arguments[0]));
            }
        }

        private static void heavy(Loop loop, Pipe end) throws Exception {
            byte[] part = new byte[PART];
            for (int i = 0; i < PART; i++) {
                part[i] = (byte) (i * 31);
            }
            int[] written = new int[1];
            long[] read = new long[1];
            boolean[] ended = new boolean[1];
            for (int i = 0; i < WRITES; i++) {
                end.write(part, (pipe, error) -> {
                    pass(error);
                    written[0]++;
                });
            }
            end.shutdown((pipe, error) -> pass(error));
            end.startRead2((pipe, data, pending, error) -> {
                ended[0] = data == null;
                while (data != null && data.hasRemaining()) {
                    check(data.get() == part[(int) (read[0]++ % PART)], "the wrong byte before " + read[0]);
                }
            });
            runUntil(loop, () -> written[0] == WRITES && ended[0]);
            checkEquals((long) WRITES * PART, read[0]);
        }
    }
}
