/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.QuickJvm;
import io.panpipe.testbed.ScenarioJvm;
import io.panpipe.testbed.ScenarioMain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What scenarios in child JVMs have in common. Without JUnit, which a child does not have. */
final class Scenario {

    private static final Duration PATIENCE = Patience.seconds(90);

    private Scenario() {}

    /**
     * Prepares a process that runs scenarios of a class one after the other.
     *
     * @param limits shell code that runs before, for limits; or empty
     */
    static ScenarioJvm shared(String limits, Class<?> scenarios) {
        return new ScenarioJvm(() -> {
            List<String> command = new ArrayList<>();
            if (!limits.isEmpty()) {
                command.addAll(List.of("sh", "-c", limits + "\nexec \"$@\"", "sh"));
            }
            // A JVM raises the limit of descriptors to what it may have, unless it is told not to.
            command.addAll(QuickJvm.command("-XX:-MaxFDLimit"));
            command.addAll(List.of(ScenarioMain.class.getName(), scenarios.getName()));
            return new ProcessBuilder(command);
        });
    }

    /** Makes a loop in which a callback that throws ends the scenario. */
    static Loop loop() throws PanpipeException {
        Loop loop = new Loop();
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            throw new AssertionError("a callback threw", thrown);
        });
        return loop;
    }

    /** Turns a loop until a condition holds; fails if that takes too long. */
    static void runUntil(Loop loop, BooleanSupplier condition) {
        Timer watch = new Timer(loop);
        watch.start(timer -> {
            throw new AssertionError("not in time; handles: " + loop.handles());
        }, PATIENCE);
        while (!condition.getAsBoolean()) {
            loop.run(io.panpipe.RunMode.ONCE);
        }
        watch.close();
        loop.run(io.panpipe.RunMode.NOWAIT);
    }

    static void pass(PanpipeException error) throws PanpipeException {
        if (error != null) {
            throw error;
        }
    }

    static void check(boolean condition, Object what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    static void checkEquals(Object expected, Object actual) {
        check(expected.equals(actual), "expected " + expected + " but was " + actual);
    }

    /** Returns an address of this machine, with a port that the system picks. */
    static InetSocketAddress anyPort() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Returns what the descriptors of this process stand for, but for files that a JVM opens when it likes. */
    static List<String> descriptors() throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                try {
                    String target = Files.readSymbolicLink(file).toString();
                    if (Stream.of(".jar", ".class", "/modules").noneMatch(target::endsWith)
                            && Stream.of("/proc/", "/dev/").noneMatch(target::startsWith)) {
                        all.add(file.getFileName() + " " + target);
                    }
                } catch (IOException closed) {
                    // The listing's own descriptor.
                }
            }
        }
        return all.stream().sorted().toList();
    }
}
