/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * Holds the calculations to known answers, at the beginning of each smoke run: a benchmark that reckons wrongly is
 * worse than none.
 */
final class SelfCheck {

    private SelfCheck() {}

    /**
     * Checks everything.
     *
     * @throws AssertionError if an answer is wrong
     */
    static void run() throws IOException {
        estimates();
        goals();
        measurements();
        files();
        jmh();
        report();
    }

    private static void estimates() {
        // Of 15, the 4th and the 12th: the median lies between them with 96.5 %, between the 5th and 11th with 88.2 %.
        double[] fifteen = {15, 1, 14, 2, 13, 3, 12, 4, 11, 5, 10, 6, 9, 7, 8};
        equal(new Estimate(8, 4, 12, 15), Estimate.of(fifteen));
        equal(new Estimate(3.5, 1, 6, 6), Estimate.of(6, 5, 4, 3, 2, 1));
        equal(new Estimate(5.5, 2, 9, 10), Estimate.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        equal(new Estimate(2, 2, 2, 1), Estimate.of(2));
        // Ratios are taken round by round: those of the medians would be 1.5.
        equal(new Estimate(2, 0.5, 3, 3), Estimate.ofRatios(new double[] {2, 3, 9}, new double[] {1, 6, 3}));
        equal(new Estimate(1, -3, 6, 3), Estimate.ofDifferences(new double[] {2, 3, 9}, new double[] {1, 6, 3}));
    }

    private static void goals() {
        Data data = new Data();
        double[] panpipe = {110, 104, 106};
        for (int round = 0; round < panpipe.length; round++) {
            data.add(Section.WORKS, "echo64", "floor", round, Metric.CPU, 100);
            data.add(Section.WORKS, "echo64", "panpipe", round, Metric.CPU, panpipe[round]);
            data.add(Section.WORKS, "sink", "floor", round, Metric.CPU, 100);
            data.add(Section.WORKS, "sink", "panpipe", round, Metric.CPU, panpipe[round] + 2);
        }
        List<Goal> goals = Goal.of(data);
        equal(Optional.of(true), goals.get(0).met());
        equal(Optional.of(false), goals.get(1).met());
        equal(Optional.empty(), goals.get(2).met());
    }

    private static void measurements() {
        Measurement echo = Measurement.parse(
                "mode=echo ops=2000 seconds=0.5 server_cpu_ns=400000 bytes=3145728 p50_ns=7 p99_ns=8 p999_ns=9");
        equal(new Measurement(2000, 0.5, 400000, 3145728, Map.of("p50_ns", 7.0, "p99_ns", 8.0, "p999_ns", 9.0)), echo);
        equal(3.0, Work.Unit.MEBIBYTE.count(echo));
        equal(2000.0, Work.Unit.OPERATION.count(echo));
    }

    private static void files() throws IOException {
        Data data = new Data();
        data.add(Section.WORKS, "echo64", "floor", 0, Metric.CPU, 2500.25);
        data.add(Section.WORKS, "echo64", "floor", 1, Metric.CPU, 2400);
        data.add(Section.MEMORY, IdleMemory.SUBJECT, "panpipe", 0, Metric.LIVE, 300);
        Data newer = new Data();
        newer.add(Section.WORKS, "echo64", "floor", 0, Metric.CPU, 1);
        Path file = Files.createTempFile("bench", ".csv");
        try {
            data.write(file);
            Data read = Data.read(file);
            equal("[2500.25, 2400.0]", text(read.values(Section.WORKS, "echo64", "floor", Metric.CPU)));
            read.replaceBy(newer);
            equal("[1.0]", text(read.values(Section.WORKS, "echo64", "floor", Metric.CPU)));
            equal("[300.0]", text(read.values(Section.MEMORY, IdleMemory.SUBJECT, "panpipe", Metric.LIVE)));
        } finally {
            Files.delete(file);
        }
    }

    private static void jmh() {
        Data data = new Data();
        String subject = "TimerBenchmark.fire live=1000000";
        JmhRun.read(
                List.of(
                        "\"Benchmark\",\"Mode\",\"Threads\",\"Samples\",\"Score\",\"Score Error (99.9%)\",\"Unit\","
                                + "\"Param: library\",\"Param: live\"",
                        "\"a.b.TimerBenchmark.fire\",\"avgt\",1,5,12.5,0.5,\"ns/op\",panpipe,1000000",
                        "\"a.b.TimerBenchmark.fire:gc.alloc.rate.norm\",\"avgt\",1,5,24,NaN,\"B/op\",panpipe,1000000",
                        "\"a.b.TimerBenchmark.fire:gc.count\",\"avgt\",1,5,3,NaN,\"counts\",panpipe,1000000",
                        "\"a.b.Wakeup.wake:p0.50\",\"sample\",1,5,30,NaN,\"ns/op\",,"),
                data);
        equal(List.of(subject, "Wakeup.wake"), data.subjects(Section.JMH));
        equal("[12.5]", text(data.values(Section.JMH, subject, "panpipe", JmhRun.NANOS)));
        equal("[0.5]", text(data.values(Section.JMH, subject, "panpipe", JmhRun.ERROR + JmhRun.NANOS)));
        equal("[24.0]", text(data.values(Section.JMH, subject, "panpipe", JmhRun.BYTES)));
        equal("[30.0]", text(data.values(Section.JMH, "Wakeup.wake", "-", JmhRun.MEDIAN_NANOS)));
    }

    private static void report() throws IOException {
        equal("a" + Report.BEGIN + "\n\nnew\n" + Report.END + "z",
                Report.between("a" + Report.BEGIN + "old" + Report.END + "z", "new"));
        Data data = new Data();
        for (Server server : Server.values()) {
            data.add(Section.WORKS, "echo64", server.label(), 0, Metric.CPU, 1 + 99.0 * server.ordinal());
        }
        String chart = Chart.of(data);
        try {
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(chart)));
        } catch (ParserConfigurationException | SAXException e) {
            throw new AssertionError("the chart is no XML:\n" + chart, e);
        }
        equal(true, chart.contains("Panpipe: 595.00 (595.00–595.00)"));
    }

    private static String text(double[] values) {
        return Arrays.toString(values);
    }

    private static void equal(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError("expected " + expected + ", but it is " + actual);
        }
    }
}
