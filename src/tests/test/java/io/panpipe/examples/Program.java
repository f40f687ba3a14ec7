/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** A process that a test has started, and what it has written. Closing ends it and the processes it has started. */
final class Program implements AutoCloseable {

    private static final Duration DEADLINE = Patience.minutes(2);

    private final Process process;
    private final List<Thread> readers;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    Program(ProcessBuilder builder) throws IOException {
        process = Patience.handOn(builder).start();
        readers = List.of(collect(process.getInputStream(), out), collect(process.getErrorStream(), err));
    }

    /** Returns the command that runs a class. */
    static List<String> java(Class<?> main, String... args) {
        return QuickJvm.command(main, args);
    }

    /** Returns one command that is made of several parts. */
    static ProcessBuilder command(List<String> first, List<String> rest) {
        return new ProcessBuilder(Stream.concat(first.stream(), rest.stream()).toList());
    }

    /** Skips the test where there is no such program. */
    static void assumeInstalled(String name) {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
        Assumptions.assumeTrue(present, name + " is not installed");
    }

    private static Thread collect(InputStream from, ByteArrayOutputStream to) {
        return Thread.ofPlatform().daemon().start(() -> {
            byte[] buffer = new byte[64 * 1024];
            try (from) {
                for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                    to.write(buffer, 0, length);
                }
            } catch (IOException broken) {
                // Closing this object cuts the stream off; any other cut shows in what the test finds missing.
                return;
            }
        });
    }

    Process process() {
        return process;
    }

    /** Writes to its standard input and closes it, on a thread of its own: the program may not read it all. */
    void input(byte[] data) {
        Thread.ofPlatform().daemon().start(() -> {
            try (var in = process.getOutputStream()) {
                in.write(data);
            } catch (IOException refused) {
                // The program's choice, of which the test asks its exit code.
                return;
            }
        });
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
            ChildProcess.printStacks(process, this::output);
            Assertions.fail("still running: " + this);
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

    String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String error() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the first line of its standard output, and fails early if it ends without. */
    String firstLine() {
        await(() -> output().contains("\n") || !readers.getFirst().isAlive(), "a line on standard output");
        Assertions.assertTrue(output().contains("\n"), () -> "ended without a line on standard output: " + this);
        return output().lines().findFirst().orElseThrow();
    }

    /** Looks again and again until a condition holds. */
    void await(BooleanSupplier condition, String what) {
        await(condition, () -> {
            ChildProcess.printStacks(process, this::output);
            return what + " did not come about: " + this;
        });
    }

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
    public String toString() {
        return process + ", stdout: " + output() + ", stderr: " + error();
    }

    @Override
    public void close() {
        // A parent that lives replaces the children that die, so it goes first.
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
