/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import io.panpipe.testbed.ScenarioJvm;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs scripts one after the other in one JVM, whose compiler is quick from the second on: for what does not take the
 * streams, the status or the end of a process.
 */
public final class ScriptRuns implements AutoCloseable {

    private final ScenarioJvm child = ScenarioJvm.of(ScriptRuns.class);

    /** What came of a script. */
    public record Result(int status, String output, String error) {}

    /** Runs a script; beside it are then the files that have what it has written. */
    public Result run(Path script) throws Exception {
        int status = Integer.parseInt(child.run("script", script.toString()));
        return new Result(status, Files.readString(beside(script, "out")), Files.readString(beside(script, "err")));
    }

    private static Path beside(Path script, String ending) {
        return Path.of(script + "." + ending);
    }

    @Override
    public void close() {
        child.close();
    }

    static void script(String... file) throws IOException {
        Path script = Path.of(file[0]);
        PrintStream output = System.out;
        PrintStream error = System.err;
        int status;
        try (PrintStream out = new PrintStream(beside(script, "out").toFile(), StandardCharsets.UTF_8);
                PrintStream err = new PrintStream(beside(script, "err").toFile(), StandardCharsets.UTF_8)) {
            System.setOut(out);
            System.setErr(err);
            status = Script.run(script.toString(), err);
        } finally {
            System.setOut(output);
            System.setErr(error);
        }
        System.out.print(status);
    }
}
