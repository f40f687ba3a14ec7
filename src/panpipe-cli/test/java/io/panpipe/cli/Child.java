/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.testbed.ChildProcess;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.QuickJvm;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A program that a test has started: the panpipe command can only be judged from outside, by streams and exit code. */
final class Child implements AutoCloseable {

    private static final Duration DEADLINE = Patience.minutes(2);

    private final Process process;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Thread> readers = new ArrayList<>();

    private Child(List<String> command, boolean readsOutput) throws IOException {
        process = new ProcessBuilder(command).start();
        if (readsOutput) {
            collect(process.getInputStream(), out);
        }
        collect(process.getErrorStream(), err);
    }

    /** Starts the command. */
    static Child panpipe(String... args) throws IOException {
        return new Child(commandLine(args), true);
    }

    /** As {@link #panpipe}, with its standard output left to the test. */
    static Child panpipeUnread(String... args) throws IOException {
        return new Child(commandLine(args), false);
    }

    static List<String> commandLine(String... args) {
        return QuickJvm.command(Panpipe.class, args);
    }

    /** Starts a program of the JDK that runs this test. */
    static Child ofJdk(String tool, String... args) throws IOException {
        return at(Path.of(System.getProperty("java.home"), "bin", tool), args);
    }

    static Child at(Path program, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        return at(command);
    }

    static Child at(List<String> command) throws IOException {
        return new Child(command, true);
    }

    /** Starts another program, or skips the test if there is none of that name. */
    static Child program(String... command) throws IOException {
        boolean present = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command[0])));
        Assumptions.assumeTrue(present, command[0] + " is not installed");
        return new Child(List.of(command), true);
    }

    private void collect(InputStream from, ByteArrayOutputStream to) {
        readers.add(Thread.ofPlatform().daemon().start(() -> {
            byte[] buffer = new byte[64 * 1024];
            try (from) {
                for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                    to.write(buffer, 0, length);
                }
            } catch (IOException broken) {
                // Closing this object cuts the stream off; any other cut shows in what the test finds missing.
                return;
            }
        }));
    }

    Process process() {
        return process;
    }

    /**
     * Writes to the program's standard input and closes it, on a thread of its own: the program may take its time, or
     * end without having read all.
     */
    Child input(byte[] data) {
        Thread.ofPlatform().daemon().start(() -> {
            try (var in = process.getOutputStream()) {
                in.write(data);
            } catch (IOException refused) {
                // The program's choice, of which the test asks its exit code.
                return;
            }
        });
        return this;
    }

    Child input(String text) {
        return input(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes to the program's standard input, and leaves it open. */
    void type(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
            ChildProcess.printStacks(process, this::output);
            Assertions.fail("still running: " + process.info() + ", stderr: " + error() + ", stdout: " + output());
        }
        for (Thread reader : readers) {
            reader.join(DEADLINE.toMillis());
        }
        return process.exitValue();
    }

    /** Ends it by SIGTERM and returns the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String error() {
        return err.toString(StandardCharsets.UTF_8);
    }

    void awaitError(String text) {
        await(() -> error().contains(text), () -> {
            ChildProcess.printStacks(process, this::output);
            return "no '" + text + "' on stderr, but: " + error() + ", stdout: " + output();
        });
    }

    /** Looks again and again until a condition holds. */
    static void await(BooleanSupplier condition, Supplier<String> complaint) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                Assertions.fail(complaint);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
