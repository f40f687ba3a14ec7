/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Tasks given to a loop by another thread: how long until one has run, and how many a second. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WakeupBenchmark {

    private static final int BURST = 1000;
    /** A loop without work is asleep after this. */
    private static final long FALLS_ASLEEP_NANOS = 50_000;

    /** Whose loop. */
    @Param({"panpipe", "netty-epoll", "netty-nio", "jdk"})
    public String loop = "";

    private @Nullable TaskLoop started;
    private volatile long ran;
    private long given;
    private final Runnable task = this::count;

    /** Called by the loop alone. */
    private void count() {
        ran++;
    }

    /**
     * Starts the loop.
     *
     * @throws Exception if it cannot be made
     */
    @Setup
    public void start() throws Exception {
        started = TaskLoop.of(loop);
    }

    /**
     * Ends the loop.
     *
     * @throws Exception if that is interrupted
     */
    @TearDown
    public void stop() throws Exception {
        tasks().end();
    }

    private TaskLoop tasks() {
        return Objects.requireNonNull(started);
    }

    private void awaitAll() {
        while (ran != given) {
            Thread.onSpinWait();
        }
    }

    /** Time for the loop to fall asleep, which is not measured. */
    @State(Scope.Thread)
    public static class Pause {

        /** Waits. */
        @Setup(Level.Invocation)
        public void fallAsleep() {
            for (long end = System.nanoTime() + FALLS_ASLEEP_NANOS; System.nanoTime() < end;) {
                Thread.onSpinWait();
            }
        }
    }

    /**
     * From the call of execute to the end of the task, the loop being asleep before; the caller spins.
     *
     * @param pause that it sleeps
     */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    public void wakeSleeping(Pause pause) {
        given++;
        tasks().execute(task);
        awaitAll();
    }

    /** A thousand tasks, as fast as they can be given, until all have run; for each. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OperationsPerInvocation(BURST)
    public void keepBusy() {
        given += BURST;
        TaskLoop tasks = tasks();
        for (int i = 0; i < BURST; i++) {
            tasks.execute(task);
        }
        awaitAll();
    }
}
