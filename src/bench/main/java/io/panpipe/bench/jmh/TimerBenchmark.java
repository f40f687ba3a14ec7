/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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

/**
 * A timer among many that are far from due, as the time-outs of connections are. Where a library keeps them in a
 * thread of its own, the time is that until both are done, and the work of two processors.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TimerBenchmark {

    private static final int BATCH = 100_000;
    private static final long SOONEST_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final long LATEST_MILLIS = TimeUnit.HOURS.toMillis(2);

    /** Whose timers. */
    @Param({"panpipe", "netty-wheel", "netty-loop", "jdk"})
    public String library = "";

    /** How many are started and far from due. */
    @Param("1000000")
    public int live;

    private @Nullable Timers made;
    private final SplittableRandom random = new SplittableRandom(1);
    private long fired;

    private Timers timers() {
        return Objects.requireNonNull(made);
    }

    private long far() {
        return random.nextLong(SOONEST_MILLIS, LATEST_MILLIS);
    }

    /**
     * Starts them, in the thread that goes on.
     *
     * @throws Exception if it cannot be made
     */
    @Setup
    public void start() throws Exception {
        Timers timers = Timers.of(library, live + BATCH);
        for (int i = 0; i < live; i++) {
            timers.start(i, far());
        }
        timers.settle();
        made = timers;
    }

    /**
     * Ends them.
     *
     * @throws Exception if that is interrupted
     */
    @TearDown
    public void end() throws Exception {
        timers().end();
    }

    /** Cancels a timer and starts another one: what each message does to the time-out of its connection. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void restart() {
        Timers timers = timers();
        for (int i = 0; i < BATCH; i++) {
            int timer = random.nextInt(live);
            timers.cancel(timer);
            timers.start(timer, far());
        }
        timers.settle();
    }

    /** Starts a timer that is due at once, and lets it fire. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void fire() {
        Timers timers = timers();
        for (int i = live; i < live + BATCH; i++) {
            timers.start(i, 0);
        }
        fired += BATCH;
        timers.awaitFired(fired);
    }
}
