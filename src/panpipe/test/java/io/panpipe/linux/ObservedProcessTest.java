/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What observation costs those who do not observe, and what is told by a process that is short of everything. */
@EnabledOnOs(OS.LINUX)
class ObservedProcessTest {

    private static final Pattern LOADED =
            Pattern.compile("\\[class,load *\\] ((?:jdk\\.jfr|io\\.panpipe\\.internal\\.events)\\.[\\w.$]+)");

    private static List<String> loaded(String output) {
        return List.copyOf(new TreeSet<>(LOADED.matcher(output).results().map(found -> found.group(1)).toList()));
    }

    @Test
    void noClassOfAnEventIsLoadedWhereNobodyRecords() throws Exception {
        String output = new Child().option("-Xlog:class+load:stdout").run(Scenarios.class, "converse");
        assertEquals(List.of("io.panpipe.internal.events.FlightRecording", "io.panpipe.internal.events.TurnRecorder",
                "jdk.jfr.FlightRecorder"), loaded(output));
    }

    @Test
    void aRecordingFromTheStartShowsTheHandles() throws Exception {
        String output = new Child().option("-Xlog:class+load:stdout")
                .option("-XX:StartFlightRecording:settings=none,+io.panpipe.HandleClosed#enabled=true").run(Scenarios.class, "converse");
        assertTrue(loaded(output).contains("io.panpipe.internal.events.HandleClosed"), () -> loaded(output).toString());
    }

    @Test
    void aRunTimeImageNeedsNoModuleButJavaBase() throws Exception {
        String output = new Child().option("--limit-modules").option("java.base").run(Scenarios.class, "converseAndThrow");
        assertTrue(output.contains("a callback or task threw"), output);
        assertTrue(output.contains("on purpose"), output);
    }

    @Test
    void theLogTellsWhatCallbacksThrowAndNotThatThePeerIsGone() throws Exception {
        String output = new Child().run(Scenarios.class, "unclaimedAndThrown");
        assertTrue(output.contains("SEVERE: a callback or task threw"), output);
        assertFalse(output.contains("a request without a callback"), output);
    }

    /** What removes socket files at the end of the JVM does not keep it. */
    @Test
    void aForgottenLoopIsToldOfThoughItHasBoundAName() throws Exception {
        String output = new Child().run(Forgetting.class, "forgetAServer");
        assertTrue(output.contains("was never closed, and nobody refers to it any more"), output);
    }

    /** As in a native image, which has no java.home. */
    @Test
    void whereThereIsNoRunTimeImageTheLogIsUsed() throws Exception {
        String output = new Child().run(Scenarios.class, "throwAwayFromHome");
        assertTrue(output.contains("a callback or task threw"), output);
    }

    @Test
    void aFirstMessageWaitsUntilThereAreDescriptors() throws Exception {
        String output = new Child().shell("ulimit -n 80").run(Scenarios.class, "shortOfDescriptors");
        assertTrue(output.contains("WARNING: clients wait, because no connection can be accepted"), output);
        assertTrue(output.indexOf("clients wait") > output.indexOf("descriptors are free again"), output);
        assertTrue(output.contains("SEVERE: a callback or task threw"), "the log works later on, too: " + output);
        assertFalse(output.contains("UnsatisfiedLinkError"), output);
    }

    /** What a child JVM with java.logging does, which not all of them have. */
    static final class Forgetting {

        private Forgetting() {}

        static void forgetAServer() throws Exception {
            CountDownLatch told = new CountDownLatch(1);
            Handler listener = new ConsoleHandler() {
                @Override
                public void publish(LogRecord line) {
                    super.publish(line);
                    told.countDown();
                }
            };
            Logger logger = Logger.getLogger("io.panpipe");
            logger.addHandler(listener);
            Path directory = Files.createTempDirectory("forgotten");
            bindAndForget(directory.resolve("name"));
            while (!told.await(10, TimeUnit.MILLISECONDS)) {
                System.gc();
            }
            Files.delete(directory.resolve("name"));
            Files.delete(directory);
        }

        private static void bindAndForget(Path name) throws Exception {
            Pipe server = new Pipe(new Loop());
            server.bind(name);
            server.listen((same, error) -> {});
        }
    }

    /** What the child JVMs do. */
    static final class Scenarios {

        private Scenarios() {}

        static void converse() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop);
                byte[] data = new byte[4_000_000];
                long[] received = new long[1];
                pair[0].write(data);
                pair[0].shutdown();
                pair[1].startRead((pipe, bytes, error) -> received[0] += bytes == null ? 0 : bytes.remaining());
                loop.run();
                check(received[0] == data.length, received[0]);
            }
        }

        static void converseAndThrow() throws Exception {
            converse();
            try (Loop loop = new Loop()) {
                loop.execute(() -> {
                    throw new IllegalStateException("on purpose");
                });
                loop.run();
                check(loop.dump().startsWith("Loop "), loop.dump());
            }
        }

        static void unclaimedAndThrown() throws Exception {
            try (Loop loop = new Loop()) {
                Pipe[] pair = Pipe.pair(loop);
                pair[1].close();
                pair[0].write(new byte[1]);
                pair[0].write(new byte[1], (pipe, error) -> {
                    throw error;
                });
                loop.run();
            }
        }

        static void throwAwayFromHome() throws Exception {
            // The logger first: it needs the home as well.
            System.getLogger("io.panpipe").log(System.Logger.Level.INFO, "here");
            System.clearProperty("java.home");
            try (Loop loop = new Loop()) {
                loop.execute(() -> {
                    throw new IllegalStateException("on purpose");
                });
                loop.run();
            }
        }

        static void shortOfDescriptors() throws Exception {
            List<FileInputStream> files = new ArrayList<>();
            String name = "\0panpipe-" + UUID.randomUUID();
            try (Loop loop = new Loop()) {
                Pipe server = new Pipe(loop);
                server.bind(name);
                server.listen((listener, error) -> {
                    Scenario.pass(error);
                    Pipe connection = new Pipe(loop);
                    listener.accept(connection);
                    connection.close();
                    listener.close();
                });
                new Pipe(loop).connect(name, (pipe, error) -> Scenario.pass(error));
                exhaust(files);
                new Timer(loop).start(timer -> {
                    System.out.println("descriptors are free again");
                    for (FileInputStream file : files) {
                        file.close();
                    }
                }, Duration.ofMillis(400));
                loop.run();
                loop.execute(() -> {
                    throw new IllegalStateException("on purpose");
                });
                loop.run();
            }
        }

        private static void exhaust(List<FileInputStream> files) {
            try {
                while (true) {
                    files.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException full) {
                check(files.size() > 2, full);
            }
        }
    }
}
