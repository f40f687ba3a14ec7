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

/** Round trips between two ends in one loop: their time, and with {@code -prof gc} what they allocate. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PairBenchmark {

    private static final int ECHOES = 1000;
    private static final int BURSTS = 10;

    /** Two ends. */
    @State(Scope.Thread)
    public abstract static class Ends {

        private final boolean burst;
        private @Nullable StreamPair pair;

        Ends(boolean burst) {
            this.burst = burst;
        }

        /**
         * Connects them.
         *
         * @throws Exception if that is impossible
         */
        @Setup
        public void connect() throws Exception {
            pair = StreamPair.of(library(), burst);
        }

        /**
         * Closes them.
         *
         * @throws Exception if that is impossible
         */
        @TearDown
        public void close() throws Exception {
            pair().end();
        }

        abstract String library();

        StreamPair pair() {
            return Objects.requireNonNull(pair);
        }
    }

    /** One sends back what it gets. */
    public static class Echoing extends Ends {

        /** Whose. */
        @Param({"panpipe", "jdk", "netty"})
        public String library = "";

        /** As JMH makes it. */
        public Echoing() {
            super(false);
        }

        @Override
        String library() {
            return library;
        }
    }

    /** One answers with many small writes. */
    public static class Bursting extends Ends {

        /** Whose; {@code jdk-copy} copies the writes into one buffer, as those do who care. */
        @Param({"panpipe", "jdk", "jdk-copy", "netty"})
        public String library = "";

        /** As JMH makes it. */
        public Bursting() {
            super(true);
        }

        @Override
        String library() {
            return library;
        }
    }

    /**
     * 64 bytes there and back.
     *
     * @param ends the two
     * @throws Exception if they fail
     */
    @Benchmark
    @OperationsPerInvocation(ECHOES)
    public void echo(Echoing ends) throws Exception {
        ends.pair().roundTrips(ECHOES);
    }

    /**
     * 64 bytes there, and 1,000 writes of 16 bytes in one turn back; for each write.
     *
     * @param ends the two
     * @throws Exception if they fail
     */
    @Benchmark
    @OperationsPerInvocation(BURSTS * StreamPair.BURST_WRITES)
    public void smallWrites(Bursting ends) throws Exception {
        ends.pair().roundTrips(BURSTS);
    }
}
