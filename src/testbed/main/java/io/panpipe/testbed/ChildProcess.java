/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A process that a test started; what it prints, on standard output and error alike, is read meanwhile. */
public final class ChildProcess implements AutoCloseable {

    /** Long enough for a loaded machine: reached only where something hangs. */
    private static final Duration PATIENCE = Patience.minutes(2);

    private static final Duration STACKS_PATIENCE = Patience.seconds(10);

    private final Process process;
    private final Thread reader;
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    /** Starts a process, whose standard input stays open. */
    public ChildProcess(ProcessBuilder builder) throws IOException {
        process = Patience.handOn(builder).redirectErrorStream(true).start();
        reader = Thread.ofPlatform().daemon().name("output of " + process.pid()).start(this::read);
    }

    private void read() {
        try (var in = process.inputReader(StandardCharsets.UTF_8)) {
            char[] some = new char[8192];
            for (int length = in.read(some); length >= 0; length = in.read(some)) {
                synchronized (text) {
                    text.append(some, 0, length);
                    text.notifyAll();
                }
            }
        } catch (IOException killed) {
            // There is no more.
        } finally {
            synchronized (text) {
                ended = true;
                text.notifyAll();
            }
        }
    }

    /** Returns the process, whose output is not to be read. */
    public Process process() {
        return process;
    }

    /** Returns what was printed so far. */
    public String text() {
        synchronized (text) {
            return text.toString();
        }
    }

    /** Says whether all is read that the process and those with its output have printed. */
    public boolean hasEnded() {
        synchronized (text) {
            return ended;
        }
    }

    /** Waits for the end and returns what was printed; fails if the process hangs, or ends with another status than 0. */
    public String output() throws InterruptedException {
        if (!awaitText(this::hasEnded) || !process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the process hangs; output: " + killed());
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("exit status " + process.exitValue() + "; output: " + text());
        }
        return text();
    }

    /** Waits until a condition holds, which output or its end may bring about; returns whether that came in time. */
    boolean awaitText(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        synchronized (text) {
            while (!condition.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                text.wait(left);
            }
        }
        return true;
    }

    /** Ends it and what it has started; returns all that was printed, with the stacks of JVMs behind it. */
    public String killed() throws InterruptedException {
        printStacks(process, this::text);
        close();
        reader.join(STACKS_PATIENCE);
        return text();
    }

    /**
     * Has a process and those that it has started print all stacks, as far as they are JVMs.
     *
     * @param output returns what they have printed so far on standard output, where the stacks go
     */
    public static void printStacks(Process process, Supplier<String> output) {
        for (ProcessHandle jvm : Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList()) {
            if (jvm.info().command().orElse("").endsWith("/java")) {
                int before = output.get().length();
                signal(jvm.pid(), "QUIT");
                long deadline = System.nanoTime() + STACKS_PATIENCE.toNanos();
                // Near the end of all stacks; a JVM that cannot answer is not waited for too long.
                while (output.get().indexOf("JNI global refs", before) < 0 && jvm.isAlive()
                        && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(5_000_000);
                }
            }
        }
    }

    private static void signal(long pid, String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        // Listed before anything dies: nothing tells whose children orphans were.
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
