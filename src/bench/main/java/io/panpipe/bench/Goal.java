/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What Panpipe is meant to reach.
 *
 * @param what what is compared with what
 * @param limit the most that it may be
 * @param format how a number of it is written
 * @param measured what it is; empty if it was not measured
 */
record Goal(String what, double limit, String format, Optional<Estimate> measured) {

    /** What the measurements say of a goal. */
    enum Verdict {
        /** The whole interval is within the limit. */
        MET("met"),
        /** The whole interval is beyond it. */
        MISSED("**missed**"),
        /** The limit is inside of the interval, or there are too few measurements for one. */
        UNDECIDED("undecided");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        /** As in the report. */
        String text() {
            return text;
        }
    }

    private static final String RATIO = "%.2f";
    private static final String BYTES = "%.0f B";
    private static final String MILLISECONDS = "%.0f ms";
    private static final String PANPIPE = Peers.PANPIPE;
    private static final String FLOOR = Peers.FLOOR;
    private static final String LIBUV = Server.LIBUV.label();

    /** A splice is the same system call in C and in Java: what lies on top may cost what it does in an echo. */
    private static final double SPLICING = 1.05;

    /** All of them, also those that were not measured. */
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
        goals.add(cpu(data, "echo64", PANPIPE, LIBUV, 1));
        goals.add(cpu(data, "idle", PANPIPE, FLOOR, 1.07));
        goals.add(cpu(data, "sink", PANPIPE, FLOOR, 1));
        goals.add(cpu(data, "source", PANPIPE, Server.NETTY.label(), 1));
        goals.add(cpu(data, "connect", PANPIPE, FLOOR, 1.03));
        goals.add(cpu(data, "handles", PANPIPE, FLOOR, 1.05));
        goals.add(cpu(data, "writes", PANPIPE, FLOOR, 1.8));
        goals.add(cpu(data, "writes", PANPIPE, "libuv-gather", 1));
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
        goals.add(cpu(data, "relay4k", PANPIPE, FLOOR + Peers.SPLICE, SPLICING));
        goals.add(cpu(data, "relay64k", PANPIPE, FLOOR + Peers.SPLICE, SPLICING));
    }

    private static void addLatency(List<Goal> goals, Data data) {
        goals.add(latency(data, PANPIPE, LIBUV, 1));
        String busy = PANPIPE + Peers.BUSY;
        goals.add(latency(data, busy, FLOOR + Peers.BUSY, 1.05));
        goals.add(latency(data, busy, LIBUV + Peers.BUSY, 1));
        goals.add(latency(data, busy, Server.NIO.label() + Peers.BUSY, 1));
    }

    private static Goal latency(Data data, String server, String other, double limit) {
        return new Goal(
                "echo1: median round trip of " + server + " to " + other,
                limit,
                RATIO,
                data.ratio(Section.WORKS, "echo1", server, other, Metric.MEDIAN));
    }

    private static void addMemory(List<Goal> goals, Data data) {
        goals.add(new Goal(
                "resident memory of an idle connection",
                254,
                BYTES,
                Tables.possible(data, IdleMemory.SUBJECT, PANPIPE, Metric.RESIDENT)));
    }

    private static void addStartUp(List<Goal> goals, Data data) {
        goals.add(later(data, "LinkOne", Metric.COLD, "start to first echo: later than one linked function"));
        goals.add(later(data, "Empty", Metric.CACHED, "the same with AOT caches: later than an empty program"));
    }

    private static Goal later(Data data, String program, String metric, String what) {
        return new Goal(
                what,
                30,
                MILLISECONDS,
                data.difference(Section.STARTUP, StartUp.SUBJECT, "PanpipeEcho", program, metric));
    }

    private static void addJmh(List<Goal> goals, Data data) {
        goals.add(new Goal(
                "a task for a loop that is busy",
                30,
                "%.0f ns",
                data.estimate(Section.JMH, "WakeupBenchmark.keepBusy", PANPIPE, Metric.NANOS)));
        for (String other : List.of("netty-epoll", "jdk")) {
            goals.add(new Goal(
                    "execute wakes a sleeping loop: median, to " + other,
                    1,
                    RATIO,
                    data.ratio(Section.JMH, "WakeupBenchmark.wakeSleeping", PANPIPE, other, Metric.MEDIAN_NANOS)));
        }
        goals.add(new Goal(
                "allocated in a round trip (JMH itself allocates a little)",
                0.5,
                "%.1f B",
                data.estimate(Section.JMH, "PairBenchmark.echo", PANPIPE, Metric.BYTES)));
    }

    /** What the measurements say; empty if there are none. */
    Optional<Verdict> verdict() {
        return measured.map(estimate -> {
            if (!estimate.isInterval()) {
                return Verdict.UNDECIDED;
            }
            if (estimate.high() <= limit) {
                return Verdict.MET;
            }
            return estimate.low() > limit ? Verdict.MISSED : Verdict.UNDECIDED;
        });
    }
}
