/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assertions;

/**
 * A program in a JVM like this one. Its standard streams are files, unless a test says otherwise, because that is what
 * a Windows program can always write to, whatever stands behind this process.
 */
public final class ChildJvm implements AutoCloseable {

    private static final Duration DEADLINE = Patience.minutes(2);

    private final Process process;
    private final Path output;
    private final Path error;

    private ChildJvm(Process process, Path output, Path error) {
        this.process = process;
        this.output = output;
        this.error = error;
    }

    /** Returns the command that runs a main class here, with this JVM's own options. */
    public static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java.exe").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Starts a program.
     *
     * @param directory where its files are
     * @param input what it reads from standard input
     */
    public static ChildJvm start(Path directory, byte[] input, Class<?> main, String... arguments)
            throws IOException {
        Path in = Files.write(Files.createTempFile(directory, "in", ""), input);
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        Process process = new ProcessBuilder(command(main, arguments))
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new ChildJvm(process, out, err);
    }

    public int exitCode() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
            Assertions.fail("still running; stdout: " + output() + ", stderr: " + error());
        }
        return process.exitValue();
    }

    public byte[] bytes() {
        return read(output);
    }

    /** Returns what it has written to standard output, with the line ends of Unix. */
    public String output() {
        return text(output);
    }

    /** Returns what it has written to standard error, with the line ends of Unix. */
    public String error() {
        return text(error);
    }

    private static String text(Path file) {
        return new String(read(file), StandardCharsets.UTF_8).replace("\r\n", "\n");
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    public void awaitError(String text) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!error().contains(text)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                Assertions.fail("no '" + text + "' on stderr, but: " + error());
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Ends it, and what it has started; Windows would keep their files from being deleted. */
    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().join());
    }
}
