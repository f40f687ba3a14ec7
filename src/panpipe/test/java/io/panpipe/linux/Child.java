/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.testbed.ChildProcess;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.Python;
import io.panpipe.testbed.QuickJvm;
import io.panpipe.testbed.ScenarioJvm;
import io.panpipe.testbed.ScenarioMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario in a JVM of its own, which starts with the descriptors, the user, the limits or the umask that the
 * test is about. A scenario is a static method without parameters; it fails by throwing.
 */
final class Child {

    private static final Duration PATIENCE = Patience.minutes(2);

    /** Lays descriptors out and becomes the JVM; Python closes its own descriptors in doing so, all but those given. */
    private static final String PRELUDE = """
            import os, sys, socket, fcntl
            base = 0
            def give(fd, number):
                os.dup2(fd if isinstance(fd, int) else fd.fileno(), base + number)
            """;

    private final List<String> options = new ArrayList<>();
    private String shell = "";
    private boolean nobody;
    private @Nullable Path directory;

    /** Runs shell code first, for limits and the umask. */
    Child shell(String code) {
        shell = code;
        return this;
    }

    /** Becomes another user just before the JVM starts. */
    Child asNobody() {
        nobody = true;
        return this;
    }

    /** Starts in a directory. */
    Child in(Path place) {
        directory = place;
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
        return process(scenarios, List.of(method));
    }

    /** Prepares a process that reads from standard input which scenarios to run. */
    ProcessBuilder process(Class<?> scenarios) {
        return process(scenarios, List.of());
    }

    private ProcessBuilder process(Class<?> scenarios, List<String> arguments) {
        List<String> command = new ArrayList<>();
        if (!shell.isEmpty()) {
            command.addAll(List.of("sh", "-c", shell + "\nexec \"$@\"", "sh"));
        }
        String python = Given.Layout.python(scenarios, arguments);
        if (!python.isEmpty()) {
            command.addAll(List.of(python(), "-c", PRELUDE + python + "os.execvp(sys.argv[1], sys.argv[1:])\n"));
        }
        if (nobody) {
            assumeTrue(isRoot(), "only root can become another user");
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        command.addAll(QuickJvm.command(options.toArray(String[]::new)));
        command.addAll(List.of(ScenarioMain.class.getName(), scenarios.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = Patience.handOn(new ProcessBuilder(command));
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        return builder;
    }

    private static String python() {
        try {
            return Python.interpreter();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Prepares a process that runs scenarios of a class one after the other, for tests that do not spoil it. */
    ScenarioJvm shared(Class<?> scenarios) {
        return new ScenarioJvm(() -> process(scenarios));
    }

    /** Runs a scenario in a process of its own and returns what it printed; fails if it did. */
    String run(Class<?> scenarios, String method) throws Exception {
        return run(process(scenarios, method));
    }

    static String run(ProcessBuilder builder) throws Exception {
        try (ChildProcess child = new ChildProcess(builder)) {
            child.process().getOutputStream().close();
            return child.output();
        }
    }

    /** Waits for a scenario's end and fails if that failed. */
    static void assertSucceeds(Process process, String output) throws InterruptedException {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the scenario hangs; output: " + output);
        }
        assertEquals(0, process.exitValue(), () -> "exit status; output: " + output);
    }
}
