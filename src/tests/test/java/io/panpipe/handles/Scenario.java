/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Timer;
import io.panpipe.testbed.ClassesJar;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
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

/**
 * The main class of child JVMs: runs a class's static method, which fails by throwing. Without JUnit, which a child
 * does not have.
 */
final class Scenario {

    private static final Path CLASSES = ClassesJar.of(Loop.class, Scenario.class);
    private static final Duration PATIENCE = Patience.seconds(90);

    private Scenario() {}

    /** Runs a class's static method, with the strings behind its name as the argument. */
    public static void main(String[] arguments) throws Exception {
        try {
            var method = Class.forName(arguments[0]).getDeclaredMethod(arguments[1], String[].class);
            method.setAccessible(true);
            method.invoke(null, (Object) java.util.Arrays.copyOfRange(arguments, 2, arguments.length));
        } catch (InvocationTargetException failed) {
            failed.getCause().printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        System.exit(0);
    }

    /**
     * Returns the command that runs a scenario.
     *
     * @param limits shell code that runs before, for limits; or empty
     */
    static List<String> command(String limits, Class<?> scenarios, String method, String... arguments) {
        List<String> command = new ArrayList<>();
        if (!limits.isEmpty()) {
            command.addAll(List.of("sh", "-c", limits + "\nexec \"$@\"", "sh"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A JVM raises the limit of descriptors to what it may have, unless it is told not to.
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-XX:-MaxFDLimit",
                "-cp", CLASSES.toString(), Scenario.class.getName(), scenarios.getName(), method));
        command.addAll(List.of(arguments));
        return command;
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
