/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.Loop;
import io.panpipe.testbed.ClassesJar;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a scenario in a JVM of its own, which starts with the descriptors, the user, the limits or the umask that the
 * test is about. A scenario is a static method without parameters; it fails by throwing.
 */
final class Child {

    private static final Duration PATIENCE = Patience.minutes(2);
    private static final Path CLASSES = ClassesJar.of(Loop.class, Child.class);

    /** Lays descriptors out and becomes the JVM; Python closes its own descriptors in doing so, all but those given. */
    private static final String PRELUDE = """
            import os, sys, socket, fcntl
            def give(fd, number):
                os.dup2(fd if isinstance(fd, int) else fd.fileno(), number)
            """;

    private final List<String> before = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private String python = "";
    private String shell = "";

    /** Runs Python code first, which hands descriptors on by {@code give(fd, number)}. */
    Child python(String code) {
        python = code;
        return this;
    }

    /** Runs shell code first, for limits and the umask. */
    Child shell(String code) {
        shell = code;
        return this;
    }

    /** Becomes another user just before the JVM starts. */
    Child asNobody() {
        assumeTrue(isRoot(), "only root can become another user");
        before.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        return this;
    }

    /** Gives the JVM one more option. */
    Child option(String option) {
        options.add(option);
        return this;
    }

    static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** Tells whether a program can be started. */
    static boolean hasProgram(String name) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(place -> Files.isExecutable(Path.of(place, name)));
    }

    /** Prepares the process of a scenario: a class that does not use JUnit, and a method. */
    ProcessBuilder process(Class<?> scenarios, String method) {
        List<String> java = new ArrayList<>(before);
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        java.addAll(options);
        java.addAll(List.of("-cp", CLASSES.toString(), Scenario.class.getName(), scenarios.getName(), method));
        List<String> command = new ArrayList<>();
        if (!shell.isEmpty()) {
            command.addAll(List.of("sh", "-c", shell + "\nexec \"$@\"", "sh"));
        }
        if (!python.isEmpty()) {
            assumeTrue(hasProgram("python3"), "python3 lays the descriptors out");
            command.addAll(List.of("python3", "-c", PRELUDE + python + "\nos.execvp(sys.argv[1], sys.argv[1:])\n"));
        }
        command.addAll(java);
        return Patience.handOn(new ProcessBuilder(command));
    }

    /** Runs a scenario and fails if that failed. */
    void run(Class<?> scenarios, String method) throws Exception {
        Process process = process(scenarios, method).redirectErrorStream(true).start();
        process.getOutputStream().close();
        assertSucceeds(process, output(process));
    }

    /** Waits for a scenario's end and fails if that failed. */
    static void assertSucceeds(Process process, String output) throws InterruptedException {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the scenario hangs; output: " + output);
        }
        assertEquals(0, process.exitValue(), () -> "exit status; output: " + output);
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
