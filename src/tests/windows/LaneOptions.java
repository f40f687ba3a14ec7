/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What one run of the lane was asked to do.
 *
 * @param tree the project: its compiled classes are in {@code target}, where the results go too
 * @param lane the folder with Wine's prefix and what was fetched; one run at a time uses it
 * @param classes the folders of compiled classes, those of the tests last
 * @param jvmArguments more arguments for the Windows JVM
 * @param silence how long that JVM may go on without writing anything; each of its tests has a watchdog of its own
 * @param linux whether it runs on Linux's Java 21 and not under Wine
 * @param mainClass whether {@code rest} is a main class and its arguments rather than arguments of JUnit's launcher
 * @param rest what the Windows JVM runs; nothing means all tests of the lane
 */
record LaneOptions(
        Path tree,
        Path lane,
        List<Path> classes,
        List<String> jvmArguments,
        Duration silence,
        boolean linux,
        boolean mainClass,
        List<String> rest) {

    static final String USAGE = """
            arguments: [--linux] [--tree DIR] [--lane DIR] [--classes DIR:DIR] [--jvm "OPTION..."] [--silence SECONDS]
                       [argument of JUnit's console launcher... | --java MAINCLASS argument...]
            """;

    private static final List<String> MODULES = List.of("panpipe", "panpipe-testing", "panpipe-junit", "panpipe-jnr",
            "panpipe-cli", "testbed", "tests");

    static LaneOptions parse(String[] arguments) throws LaneException {
        Deque<String> left = new ArrayDeque<>(Arrays.asList(arguments));
        Path tree = Path.of("").toAbsolutePath();
        Path lane = null;
        List<Path> classes = null;
        List<String> jvmArguments = List.of();
        Duration silence = patience(Duration.ofMinutes(10));
        boolean linux = false;
        boolean mainClass = false;
        while (!mainClass && !left.isEmpty()) {
            switch (left.peek()) {
                case "--tree" -> tree = existing(value(left));
                case "--lane" -> lane = Path.of(value(left)).toAbsolutePath().normalize();
                case "--classes" -> classes = folders(value(left));
                case "--jvm" -> jvmArguments = words(value(left));
                case "--silence" -> silence = seconds(value(left));
                case "--linux" -> {
                    left.poll();
                    linux = true;
                }
                case "--java" -> {
                    left.poll();
                    mainClass = true;
                }
                default -> {
                    return complete(tree, lane, classes, jvmArguments, silence, linux, false, left);
                }
            }
        }
        if (mainClass && left.isEmpty()) {
            throw new LaneException("--java needs a main class\n" + USAGE);
        }
        return complete(tree, lane, classes, jvmArguments, silence, linux, mainClass, left);
    }

    private static LaneOptions complete(Path tree, Path lane, List<Path> classes, List<String> jvmArguments,
            Duration silence, boolean linux, boolean mainClass, Deque<String> rest) throws LaneException {
        return new LaneOptions(
                tree,
                lane != null ? lane : tree.resolve(".lane"),
                classes != null ? classes : compiled(tree.resolve("target")),
                jvmArguments,
                silence,
                linux,
                mainClass,
                List.copyOf(rest));
    }

    /** Returns what the build has compiled of all modules: first what is published, then the tests. */
    private static List<Path> compiled(Path target) throws LaneException {
        List<Path> folders = new ArrayList<>();
        for (String kind : List.of("classes", "test-classes")) {
            for (String module : MODULES) {
                Path folder = target.resolve(module).resolve(kind);
                if (Files.isDirectory(folder)) {
                    folders.add(folder);
                }
            }
        }
        if (folders.isEmpty()) {
            throw new LaneException("nothing is compiled in " + target);
        }
        return folders;
    }

    /** Returns a time as it is to be on this machine: see io.panpipe.testbed.Patience. */
    static Duration patience(Duration time) {
        double factor = Double.parseDouble(System.getenv().getOrDefault("PANPIPE_PATIENCE", "1"));
        return Duration.ofMillis(Math.round(time.toMillis() * factor));
    }

    private static String value(Deque<String> left) throws LaneException {
        String option = left.poll();
        if (left.isEmpty()) {
            throw new LaneException(option + " needs a value\n" + USAGE);
        }
        return left.poll();
    }

    private static List<Path> folders(String joined) throws LaneException {
        List<Path> folders = new ArrayList<>();
        for (String folder : joined.split(":")) {
            folders.add(existing(folder));
        }
        return folders;
    }

    private static Path existing(String folder) throws LaneException {
        Path path = Path.of(folder).toAbsolutePath().normalize();
        if (!Files.isDirectory(path)) {
            throw new LaneException("there is no folder " + path);
        }
        return path;
    }

    private static List<String> words(String options) {
        return options.isBlank() ? List.of() : List.of(options.strip().split("\\s+"));
    }

    private static Duration seconds(String number) throws LaneException {
        try {
            return Duration.ofSeconds(Long.parseLong(number));
        } catch (NumberFormatException malformed) {
            throw new LaneException("--silence takes a number of seconds, not " + number);
        }
    }
}
