/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/**
 * A JVM that runs one scenario after the other, for tests that need another process than theirs but not each its own.
 * Behind a scenario that has not passed there is a new one: nobody knows what is left in the old.
 */
public final class ScenarioJvm implements AutoCloseable {

    private final Supplier<ProcessBuilder> command;
    private ChildProcess process;
    private Task last;

    /**
     * Prepares it; it is started where the first scenario is.
     *
     * @param command makes the command, which ends with {@link ScenarioMain} and a class with scenarios
     */
    public ScenarioJvm(Supplier<ProcessBuilder> command) {
        this.command = command;
    }

    /** Prepares a JVM like others. */
    public static ScenarioJvm of(Class<?> scenarios) {
        return new ScenarioJvm(() -> new ProcessBuilder(QuickJvm.command(ScenarioMain.class, scenarios.getName())));
    }

    /** Runs a scenario and returns what it printed; fails if it did. */
    public String run(String scenario, String... arguments) throws Exception {
        return start(scenario, arguments).output();
    }

    /** Begins a scenario. */
    public Task start(String scenario, String... arguments) throws IOException {
        if (last != null && !last.hasPassed()) {
            close();
        }
        if (process == null) {
            process = new ChildProcess(command.get());
            last = null;
        }
        last = new Task(scenario, process, last == null ? 0 : last.end() + ScenarioMain.PASSED.length());
        String line = String.join("\t", List.of(scenario, String.join("\t", arguments))).stripTrailing() + "\n";
        process.process().getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
        process.process().getOutputStream().flush();
        return last;
    }

    /** Ends it, also in the middle of a scenario. */
    @Override
    public void close() {
        if (process != null) {
            process.close();
            process = null;
        }
    }

    /** A scenario that was begun. */
    public final class Task {
        private final String name;
        private final ChildProcess child;
        private final int from;

        private Task(String name, ChildProcess child, int from) {
            this.name = name;
            this.child = child;
            this.from = from;
        }

        /** Says whether it came to an end, good or bad. */
        public boolean isDone() {
            return child.hasEnded() || end() >= 0;
        }

        private boolean hasPassed() {
            return end() >= 0 && child.text().startsWith(ScenarioMain.PASSED, end());
        }

        private int end() {
            String text = child.text();
            return Math.max(text.indexOf(ScenarioMain.PASSED, from), text.indexOf(ScenarioMain.FAILED, from));
        }

        /** Returns the process that runs it. */
        public long pid() {
            return child.process().pid();
        }

        /** Returns what it printed so far. */
        public String text() {
            int end = end();
            return end < 0 ? child.text().substring(from) : child.text().substring(from, end);
        }

        /** Waits until it has printed something; fails if it ends before, or hangs. */
        public void awaitText(String printed) throws InterruptedException {
            if (!child.awaitText(() -> isDone() || text().contains(printed)) || !text().contains(printed)) {
                output();
                throw new AssertionError(name + " did not print '" + printed + "' but: " + text());
            }
        }

        /** Waits for its end and returns what it printed; fails if it did, or hangs. */
        public String output() throws InterruptedException {
            if (!child.awaitText(() -> isDone())) {
                throw new AssertionError(name + " hangs; output: " + child.killed().substring(from));
            }
            if (hasPassed()) {
                return text();
            }
            throw new AssertionError(name + " failed" + (child.hasEnded() ? ", and its process has ended" : "") + ": "
                    + text());
        }
    }
}
