/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.checkFails;
import static io.panpipe.linux.Scenario.later;
import static io.panpipe.linux.Scenario.pass;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.testbed.ScenarioJvm;
import io.panpipe.testbed.ScenarioMain;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Short of descriptors, interrupted by signals, and counted to the last descriptor. */
@EnabledOnOs(OS.LINUX)
class LimitsTest {

    private static final ScenarioJvm FEW = new Child().shell("ulimit -n 80").shared(Scenarios.class);

    @TempDir
    private Path directory;

    private String name() {
        return directory + "/s";
    }

    @AfterAll
    static void end() {
        FEW.close();
    }

    @Test
    void aServerSurvivesTheLackOfDescriptors() throws Exception {
        FEW.run("outOfDescriptors", name());
    }

    @Test
    void aLoopNeedsDescriptors() throws Exception {
        FEW.run("noLoopWithoutDescriptors", name());
    }

    @Test
    void signalsNeitherHurryNorFailTheLoop() throws Exception {
        try (ScenarioJvm child = new Child().shared(Scenarios.class)) {
            ScenarioJvm.Task timers = child.start("timers");
            timers.awaitText("begun");
            String pid = Long.toString(timers.pid());
            // Stopped and continued, epoll_wait(2) fails with EINTR even without a handler (signal(7)).
            for (int i = 0; i < 25 && !timers.isDone(); i++) {
                new ProcessBuilder("kill", "-STOP", pid).inheritIO().start().waitFor();
                new ProcessBuilder("kill", "-CONT", pid).inheritIO().start().waitFor();
            }
            timers.output();
        }
    }

    @Test
    void everythingLeavesNoDescriptorBehind() throws Exception {
        try (ScenarioJvm child = new Child().shared(Scenarios.class)) {
            child.run("everything", name());
        }
    }

    /** Run in the child. */
    static final class Scenarios {

        private Scenarios() {}

        private static String name() {
            return ScenarioMain.arguments().getFirst();
        }

        /** Opens files until there are no more descriptors. */
        private static void exhaust(List<FileInputStream> files) {
            try {
                while (true) {
                    files.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException none) {
                check(none.getMessage().contains("Too many open files"), none);
            }
        }

        private static void free(List<FileInputStream> files, int count) throws IOException {
            for (int i = 0; i < count; i++) {
                files.removeLast().close();
            }
        }

        static void outOfDescriptors() throws Exception {
            List<String> log = new ArrayList<>();
            List<FileInputStream> files = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                Pipe server = new Pipe(loop);
                server.bind(name());
                server.listen((listener, error) -> {
                    if (error != null) {
                        log.add(error.code().name());
                    } else {
                        Pipe connection = new Pipe(loop);
                        listener.accept(connection);
                        connection.close();
                        log.add("served");
                        if (log.size() == 3) {
                            listener.close();
                        }
                    }
                });
                exhaust(files);
                free(files, 2);
                for (int i = 0; i < 2; i++) {
                    new Pipe(loop).connect(name(), (pipe, error) -> pass(error));
                }
                long[] turns = new long[1];
                later(loop, 500, () -> {
                    turns[0] = loop.metrics().iterations();
                    checkEquals(List.of("EMFILE"), log);
                    free(files, files.size());
                });
                loop.run();
                check(turns[0] < 50, "the loop spins: " + turns[0] + " turns");
                checkEquals(List.of("EMFILE", "served", "served"), log);
            }
        }

        static void noLoopWithoutDescriptors() throws Exception {
            Scenario.loop().close();
            List<FileInputStream> files = new ArrayList<>();
            exhaust(files);
            try {
                // Two on Linux, and three for the double of kqueue; a loop that fails leaves none behind, or there would be more.
                Loop loop = null;
                for (int spare = 0; loop == null; spare++) {
                    loop = loopOrNone(spare);
                    check(loop != null || loopOrNone(spare) == null, "the second time it is enough");
                    if (loop == null) {
                        check(spare < 3, "a loop takes more than three descriptors");
                        free(files, 1);
                    }
                }
                Loop made = loop;
                checkFails(ErrorCode.EMFILE, () -> Pipe.pair(made));
                checkFails(ErrorCode.EMFILE, () -> new Pipe(made).bind(name()));
                free(files, 1);
                checkFails(ErrorCode.EMFILE, () -> Pipe.pair(made));
                new Pipe(made).bind(name());
                made.close();
            } finally {
                free(files, files.size());
            }
        }

        /** Makes a loop with so many descriptors left, or returns null where that is refused for want of more. */
        private static Loop loopOrNone(int spare) throws Exception {
            try {
                return Scenario.loop();
            } catch (PanpipeException refused) {
                check(refused.code() == ErrorCode.EMFILE, spare + " left: " + refused);
                return null;
            }
        }

        static void timers() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop);
                pair[0].startRead((pipe, data, error) -> {
                    if (data == null) {
                        pipe.close();
                    }
                });
                long begin = System.nanoTime();
                int[] ticks = new int[1];
                new Timer(loop).start(timer -> {
                    ticks[0]++;
                    check(System.nanoTime() - begin >= ticks[0] * 10_000_000L, "early");
                    pair[1].write(new byte[1000], (pipe, error) -> pass(error));
                    if (ticks[0] == 40) {
                        timer.close();
                        pair[1].close();
                    }
                }, Duration.ofMillis(10), Duration.ofMillis(10));
                System.out.println("begun");
                loop.run();
                checkEquals(40, ticks[0]);
            }
        }

        static void everything() throws Exception {
            use();
            Map<Integer, String> before = Scenario.descriptors();
            for (int i = 0; i < 5; i++) {
                use();
            }
            checkEquals(before, Scenario.descriptors());
            try (var left = Files.list(Path.of(name()).getParent())) {
                checkEquals(List.of(), left.toList());
            }
        }

        private static void use() throws Exception {
            String file = name() + "-file";
            Files.writeString(Path.of(file), "x");
            try (Loop loop = Scenario.loop()) {
                Pipe server = new Pipe(loop);
                server.bind(name());
                server.listen((listener, error) -> listener.accept(new Pipe(loop)));
                bindBadly(loop, file);
                for (String name : List.of(name(), name() + "-missing", file, "\0" + UUID.randomUUID(), "",
                        name() + "x".repeat(4000), name() + "/" + "y".repeat(200))) {
                    new Pipe(loop).connect(name, (pipe, error) -> {});
                }
                bindLong(loop);
                Pipe[] pair = Pipe.pair(loop);
                pair[0].write(new byte[1_000_000], (pipe, error) -> {});
                later(loop, 1, loop::stop);
                loop.run();
            }
            Files.delete(Path.of(file));
        }

        private static void bindBadly(Loop loop, String file) throws Exception {
            for (BindOption[] options : new BindOption[][] {{}, {BindOption.REPLACE_STALE}}) {
                checkFails(ErrorCode.EADDRINUSE, () -> new Pipe(loop).bind(name(), options));
                checkFails(ErrorCode.EADDRINUSE, () -> new Pipe(loop).bind(file, options));
                checkFails(ErrorCode.ENOENT, () -> new Pipe(loop).bind(name() + "-no/x", options));
                checkFails(ErrorCode.ENAMETOOLONG, () -> new Pipe(loop).bind(name() + "x".repeat(5000), options));
                checkFails(ErrorCode.ENAMETOOLONG, () -> new Pipe(loop).bind(name() + "x".repeat(200), options));
                checkFails(ErrorCode.EINVAL, () -> new Pipe(loop).bind("a\0b", options));
            }
        }

        private static void bindLong(Loop loop) throws Exception {
            Path directory = Path.of(name() + "d".repeat(150));
            Files.createDirectory(directory);
            Pipe server = new Pipe(loop);
            server.bind(directory + "/s");
            server.close();
            Files.delete(directory);
        }
    }
}
