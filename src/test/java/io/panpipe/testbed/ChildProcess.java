/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A process that a test started; what it prints, on standard output and error alike, is read meanwhile. */
public final class ChildProcess implements AutoCloseable {

    /** Long enough for a loaded machine: reached only where something hangs. */
    private static final long PATIENCE_SECONDS = 60;

    private static final long STACKS_SECONDS = 10;

    private final Process process;
    private final Thread reader;
    private final StringBuilder text = new StringBuilder();
    private boolean ended;

    /** Starts a process, whose standard input stays open. */
    public ChildProcess(ProcessBuilder builder) throws IOException {
        process = builder.redirectErrorStream(true).start();
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
        if (!awaitText(this::hasEnded) || !process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the process hangs; output: " + killed());
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("exit status " + process.exitValue() + "; output: " + text());
        }
        return text();
    }

    /** Waits until a condition holds, which output or its end may bring about; returns whether that came in time. */
    boolean awaitText(BooleanSupplier condition) throws InterruptedException {
        return awaitText(condition, PATIENCE_SECONDS);
    }

    private boolean awaitText(BooleanSupplier condition, long seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
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
        for (ProcessHandle jvm : askForStacks(process)) {
            // Near the dump's end; a JVM that cannot answer is not waited for too long.
            awaitText(() -> ended || !jvm.isAlive() || text.indexOf("JNI global refs") >= 0, STACKS_SECONDS);
        }
        close();
        reader.join(TimeUnit.SECONDS.toMillis(STACKS_SECONDS));
        return text();
    }

    /** Asks a process and those it has started to print all stacks, as far as they are JVMs; returns these. */
    public static List<ProcessHandle> askForStacks(Process process) {
        List<ProcessHandle> jvms = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(each -> each.isAlive() && each.info().command().orElse("").endsWith("/java"))
                .toList();
        for (ProcessHandle jvm : jvms) {
            try {
                new ProcessBuilder("kill", "-QUIT", Long.toString(jvm.pid())).inheritIO().start().waitFor();
            } catch (IOException none) {
                throw new UncheckedIOException(none);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return jvms;
    }

    @Override
    public void close() {
        // Listed before anything dies: nothing tells whose children orphans were.
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
