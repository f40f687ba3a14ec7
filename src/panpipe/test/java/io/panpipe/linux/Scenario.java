/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.ScenarioMain;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What scenarios have in common. Without JUnit, which a child does not have. */
final class Scenario {

    private Scenario() {}

    /** Returns which descriptor of this process one is that {@link Given} has given to the scenario. */
    static int given(int number) {
        return Given.Layout.base(ScenarioMain.running()) + number;
    }

    static void check(boolean condition, Object what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    static void checkEquals(Object expected, Object actual) {
        check(expected.equals(actual), "expected " + expected + " but was " + actual);
    }

    /** A call that should fail. */
    interface Call {
        void run() throws Exception;
    }

    static PanpipeException checkFails(ErrorCode code, Call call) throws Exception {
        try {
            call.run();
        } catch (PanpipeException error) {
            check(error.code() == code, error);
            return error;
        }
        throw new AssertionError("no " + code);
    }

    static void checkRefused(Call call) throws Exception {
        try {
            call.run();
        } catch (IllegalStateException refused) {
            return;
        }
        throw new AssertionError("not refused");
    }

    /** Makes a loop in which a callback that throws ends the scenario. */
    static Loop loop() throws PanpipeException {
        Loop loop = new Loop();
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            throw new AssertionError("a callback threw", thrown);
        });
        return loop;
    }

    static Pipe open(Loop loop, int descriptor) throws PanpipeException {
        Pipe pipe = new Pipe(loop);
        pipe.open(descriptor);
        return pipe;
    }

    static void later(Loop loop, int millis, Call call) {
        new Timer(loop).start(timer -> {
            timer.close();
            call.run();
        }, Duration.ofMillis(millis));
    }

    static void pass(PanpipeException error) throws PanpipeException {
        if (error != null) {
            throw error;
        }
    }

    static byte[] pattern(int length) {
        byte[] pattern = new byte[length];
        for (int i = 0; i < length; i++) {
            pattern[i] = (byte) (i * 31 + (i >>> 8) * 7);
        }
        return pattern;
    }

    /**
     * Sends data from one pipe to another while nobody reads at first: it must fill up, and a timer must run all the
     * same. The writer is closed at the end, and the reader then sees the end.
     */
    static void pump(Loop loop, Pipe from, Pipe to, int length) throws Exception {
        byte[] data = pattern(length);
        ByteBuffer got = ByteBuffer.allocate(length + 1);
        List<String> log = new ArrayList<>();
        from.write(data, (pipe, error) -> {
            pass(error);
            log.add("written");
            pipe.close();
        });
        later(loop, 10, () -> {
            checkEquals(List.of(), log);
            log.add("timer");
            to.startRead((pipe, piece, error) -> {
                if (piece != null) {
                    got.put(piece);
                } else {
                    checkEquals(ErrorCode.EOF, error.code());
                    log.add("end");
                    pipe.close();
                }
            });
        });
        loop.run();
        checkEquals(List.of("timer", "written", "end"), log);
        checkEquals(ByteBuffer.wrap(data), got.flip());
    }

    // What Linux tells of this process.

    static boolean isOpen(int descriptor) {
        return Files.exists(Path.of("/proc/self/fd/" + descriptor), LinkOption.NOFOLLOW_LINKS);
    }

    /** Returns the flags of an open file, O_NONBLOCK among them. */
    static int flags(int descriptor) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor))) {
            if (line.startsWith("flags:")) {
                return Integer.parseInt(line.substring(6).strip(), 8);
            }
        }
        throw new AssertionError("no flags of " + descriptor);
    }

    static boolean isNonBlocking(int descriptor) throws IOException {
        return (flags(descriptor) & 0x800) != 0;
    }

    /** Returns what each descriptor of this process stands for, but for those that a JVM opens when it likes. */
    static Map<Integer, String> descriptors() throws IOException {
        Map<Integer, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                try {
                    String target = Files.readSymbolicLink(file).toString();
                    if (!target.endsWith(".jar") && !target.contains("/jvm/") && !target.startsWith("/proc/")
                            && !target.startsWith("/dev/")) {
                        all.put(Integer.valueOf(file.getFileName().toString()), target);
                    }
                } catch (IOException closed) {
                    // The listing's own descriptor.
                }
            }
        }
        return all;
    }

    /** Returns the threads that Panpipe started. */
    static List<Thread> helperThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("panpipe-")).toList();
    }

    static void checkNoHelperThreadLeft() throws InterruptedException {
        for (Thread thread : helperThreads()) {
            check(thread.join(Patience.seconds(90)), "left: " + thread);
        }
    }
}
