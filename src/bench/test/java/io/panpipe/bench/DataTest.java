/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was measured: its rounds, its file, and what the load and JMH print. */
class DataTest {

    private final Data data = new Data();

    private void add(String server, int round, double value) {
        data.add(Section.WORKS, "echo64", server, round, Metric.CPU, value);
    }

    @Test
    void aRatioIsTakenWithinARound() {
        add("panpipe", 2, 9);
        add("panpipe", 0, 2);
        add("panpipe", 1, 3);
        add("floor", 0, 1);
        add("floor", 2, 3);
        add("floor", 3, 100);
        // Round 1 has no floor, and round 3 no Panpipe.
        assertArrayEquals(new double[] {2, 3}, data.ratios(Section.WORKS, "echo64", "panpipe", "floor", Metric.CPU));
        assertEquals(
                Optional.of(new Estimate(3.5, 1, 6, 2)),
                data.difference(Section.WORKS, "echo64", "panpipe", "floor", Metric.CPU));
    }

    @Test
    void discardedRoundsAreKeptAndDoNotCount(@TempDir Path directory) throws Exception {
        add("floor", 0, 50);
        add("floor", 1, 2400);
        add("floor", 2, 2500.25);
        data.discard(Section.WORKS, "echo64", 1);
        data.about("Java", "25, by somebody");
        data.write(directory.resolve("numbers"));
        Data read = Data.read(directory.resolve("numbers"));
        assertArrayEquals(new double[] {2400, 2500.25}, read.values(Section.WORKS, "echo64", "floor", Metric.CPU));
        assertEquals(Optional.of("25, by somebody"), read.about("Java"));
        read.discard(Section.WORKS, "echo64", -1);
        assertArrayEquals(new double[] {50, 2400, 2500.25}, read.values(Section.WORKS, "echo64", "floor", Metric.CPU));
    }

    @Test
    void theLinesOfTheLoad() {
        Measurement echo = Measurement.parse(
                "mode=echo ops=2000 seconds=0.5 server_cpu_ns=400000 bytes=3145728 p50_ns=7 p99_ns=8 p999_ns=9");
        assertEquals(
                new Measurement(2000, 0.5, 400000, 3145728, Map.of("p50_ns", 7.0, "p99_ns", 8.0, "p999_ns", 9.0)), echo);
        assertEquals(3.0, Work.Unit.MEBIBYTE.count(echo));
        assertEquals(2000.0, Work.Unit.OPERATION.count(echo));
    }

    @Test
    void theFileOfJmh() {
        String subject = "TimerBenchmark.fire live=1000000";
        JmhRun.read(
                List.of(
                        "\"Benchmark\",\"Mode\",\"Threads\",\"Samples\",\"Score\",\"Score Error (99.9%)\",\"Unit\","
                                + "\"Param: library\",\"Param: live\"",
                        "\"a.b.TimerBenchmark.fire\",\"avgt\",1,5,12.5,0.5,\"ns/op\",panpipe,1000000",
                        "\"a.b.TimerBenchmark.fire:gc.alloc.rate.norm\",\"avgt\",1,5,24,NaN,\"B/op\",panpipe,1000000",
                        "\"a.b.TimerBenchmark.fire:gc.count\",\"avgt\",1,5,3,NaN,\"counts\",panpipe,1000000",
                        "\"a.b.Wakeup.wake:p0.50\",\"sample\",1,5,30,NaN,\"ns/op\",,"),
                4,
                data);
        assertEquals(List.of(subject, "Wakeup.wake"), data.subjects(Section.JMH));
        assertArrayEquals(new double[] {12.5}, data.values(Section.JMH, subject, "panpipe", Metric.NANOS));
        assertArrayEquals(new double[] {24}, data.values(Section.JMH, subject, "panpipe", Metric.BYTES));
        assertArrayEquals(new double[] {30}, data.values(Section.JMH, "Wakeup.wake", "-", Metric.MEDIAN_NANOS));
    }
}
