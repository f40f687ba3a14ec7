/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What Panpipe is meant to reach. It is met if the lower end of the interval is within the limit: then the measurements
 * do not speak against it.
 *
 * @param what what is compared with what
 * @param limit the most that it may be
 * @param format how a number of it is written
 * @param measured what it is; empty if it was not measured
 */
record Goal(String what, double limit, String format, Optional<Estimate> measured) {

    private static final String RATIO = "%.2f";
    private static final String BYTES = "%.0f B";
    private static final String MILLISECONDS = "%.0f ms";
    private static final String PANPIPE = Server.PANPIPE.label();
    private static final String FLOOR = Server.FLOOR.label();
    private static final String LIBUV = Server.LIBUV.label();

    /** All of them, as far as they were measured. */
    static List<Goal> of(Data data) {
        List<Goal> goals = new ArrayList<>();
        addWorks(goals, data);
        addProxying(goals, data);
        addLatency(goals, data);
        addMemory(goals, data);
        addStartUp(goals, data);
        addJmh(goals, data);
        return goals;
    }

    private static void addWorks(List<Goal> goals, Data data) {
        goals.add(cpu(data, "echo64", PANPIPE, FLOOR, 1.05));
        goals.add(cpu(data, "sink", PANPIPE, FLOOR, 1.05));
        goals.add(cpu(data, "connect", PANPIPE, FLOOR, 1.10));
        goals.add(cpu(data, "idle", PANPIPE, FLOOR, 1.05));
        double[] many = data.values(Section.WORKS, "idle", PANPIPE, Metric.CPU);
        double[] few = data.values(Section.WORKS, "echo64", PANPIPE, Metric.CPU);
        goals.add(new Goal(
                "echo among 10,000 connections: to 64 connections alone",
                1.05,
                RATIO,
                many.length == 0 || many.length != few.length
                        ? Optional.empty()
                        : Optional.of(Estimate.ofRatios(many, few))));
        goals.add(cpu(data, "writes", PANPIPE, LIBUV, 0.2));
    }

    private static Goal cpu(Data data, String work, String server, String other, double limit) {
        return new Goal(
                work + ": processor time of " + server + " to " + other,
                limit,
                RATIO,
                data.ratio(Section.WORKS, work, server, other, Metric.CPU));
    }

    private static void addProxying(List<Goal> goals, Data data) {
        goals.add(cpu(data, "proxy64", PANPIPE, "panpipe-copy", 1));
        goals.add(cpu(data, "relay4k", PANPIPE, "panpipe-copy", 0.5));
        goals.add(cpu(data, "relay64k", PANPIPE, "panpipe-copy", 0.5));
    }

    private static void addLatency(List<Goal> goals, Data data) {
        goals.add(latency(data, PANPIPE, 1));
        goals.add(latency(data, "panpipe-busy", 1.0 / 3));
    }

    private static Goal latency(Data data, String server, double limit) {
        return new Goal(
                "echo1: median round trip of " + server + " to " + LIBUV,
                limit,
                RATIO,
                data.ratio(Section.WORKS, "echo1", server, LIBUV, Metric.MEDIAN));
    }

    private static void addMemory(List<Goal> goals, Data data) {
        goals.add(new Goal(
                "resident memory of an idle connection",
                900,
                BYTES,
                data.estimate(Section.MEMORY, IdleMemory.SUBJECT, PANPIPE, Metric.RESIDENT)));
        goals.add(new Goal(
                "live heap of an idle connection",
                400,
                BYTES,
                data.estimate(Section.MEMORY, IdleMemory.SUBJECT, PANPIPE, Metric.LIVE)));
    }

    private static void addStartUp(List<Goal> goals, Data data) {
        goals.add(later(data, "LinkOne", Metric.COLD, "start to first echo: later than one linked function", 40));
        goals.add(later(data, "Empty", Metric.CACHED, "the same with AOT caches: later than an empty program", 70));
    }

    private static Goal later(Data data, String program, String metric, String what, double limit) {
        double[] echo = data.values(Section.STARTUP, StartUp.SUBJECT, "PanpipeEcho", metric);
        double[] other = data.values(Section.STARTUP, StartUp.SUBJECT, program, metric);
        return new Goal(
                what,
                limit,
                MILLISECONDS,
                echo.length == 0 || other.length == 0
                        ? Optional.empty()
                        : Optional.of(Estimate.ofDifferences(echo, other)));
    }

    private static void addJmh(List<Goal> goals, Data data) {
        for (String other : List.of("netty-epoll", "jdk")) {
            goals.add(new Goal(
                    "execute wakes a sleeping loop: median, to " + other,
                    1,
                    RATIO,
                    data.ratio(Section.JMH, "WakeupBenchmark.wakeSleeping", PANPIPE, other, JmhRun.MEDIAN_NANOS)));
        }
        goals.add(new Goal(
                "allocated in a round trip (JMH itself allocates a little)",
                0.5,
                "%.1f B",
                data.estimate(Section.JMH, "PairBenchmark.echo", PANPIPE, JmhRun.BYTES)));
    }

    /** Whether the measurements agree with it; empty if there are none. */
    Optional<Boolean> met() {
        return measured.map(estimate -> estimate.within(limit));
    }
}
