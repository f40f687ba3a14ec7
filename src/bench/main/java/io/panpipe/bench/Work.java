/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the servers are compared at.
 *
 * @param name as on the command line and in the results
 * @param title as in the report
 * @param unit what the processor's time is divided by
 * @param serverWork what a server is told to do
 * @param load the load's mode and options
 * @param variants servers told to do the same by another means
 * @param quick whether the quick run has it
 */
record Work(
        String name,
        String title,
        Unit unit,
        String serverWork,
        List<String> load,
        List<Contestant> variants,
        boolean quick) {

    /** What counts as one operation. */
    enum Unit {
        OPERATION("operation"),
        MEBIBYTE("MiB"),
        WRITE("write");

        private static final double BYTES_PER_MEBIBYTE = 1 << 20;

        final String label;

        Unit(String label) {
            this.label = label;
        }

        double count(Measurement measurement) {
            return this == MEBIBYTE ? measurement.bytes() / BYTES_PER_MEBIBYTE : measurement.operations();
        }
    }

    private static final String IDLE_CONNECTIONS = "10000";
    private static final String FEWER_IDLE_CONNECTIONS = "500";

    /** Netty's other transport, a variant of Netty in some works: one of each kind, or the whole would take too long. */
    private static final String NETTY_IO_URING = "netty-io_uring";
    private static final Set<String> OF_IO_URING =
            Set.of("echo64", "echo1", "sink", "source", "pipelined", "idle", "tcp64", "udp64");
    /** The kinds of socket that it has code of its own for. */
    private static final Set<String> SMOKE_OF_IO_URING = Set.of("echo64", "tcp64", "udp64");

    private static final List<String> BUSY = List.of("-Dbench.busy=true");

    private static final List<Contestant> TWO_PROXIES = List.of(
            new Contestant("floor-splice", Server.FLOOR, "proxy-splice", List.of()),
            new Contestant("panpipe-copy", Server.PANPIPE, "proxy-copy", List.of()));

    static final List<Work> ALL = List.of(
            new Work(
                    "echo64",
                    "echo, 64 connections × 64 B",
                    Unit.OPERATION,
                    "echo",
                    List.of("echo", "--connections", "64", "--size", "64"),
                    List.of(new Contestant("floor-threads", Server.FLOOR, "echo-threads", List.of())),
                    true),
            new Work(
                    "echo1",
                    "echo, 1 connection × 64 B",
                    Unit.OPERATION,
                    "echo",
                    List.of("echo", "--connections", "1", "--size", "64", "--latency", "--spin"),
                    List.of(
                            new Contestant("floor-busy", Server.FLOOR, "echo-busy", List.of()),
                            new Contestant("libuv-busy", Server.LIBUV, "echo-busy", List.of()),
                            new Contestant("nio-busy", Server.NIO, "echo", BUSY),
                            new Contestant("netty-busy", Server.NETTY, "echo", BUSY),
                            new Contestant("panpipe-busy", Server.PANPIPE, "echo", List.of("-Dbench.busyPoll=50"))),
                    true),
            new Work(
                    "echo16k",
                    "echo, 64 connections × 16 KiB",
                    Unit.OPERATION,
                    "echo",
                    List.of("echo", "--connections", "64", "--size", "16384"),
                    List.of(),
                    false),
            stream("sink", "sink, 4 connections × 64 KiB", List.of(), true),
            stream(
                    "source",
                    "source, 4 connections × 64 KiB",
                    List.of(new Contestant("floor-gather", Server.FLOOR, "source-gather", List.of())),
                    false),
            new Work(
                    "writes",
                    "1,000 calls of write, brought together by the library",
                    Unit.WRITE,
                    "writes",
                    List.of("writes", "--connections", "4"),
                    List.of(
                            new Contestant("floor-each", Server.FLOOR, "writes-each", List.of()),
                            new Contestant("libuv-try", Server.LIBUV, "writes-try", List.of()),
                            new Contestant("libuv-gather", Server.LIBUV, "writes-gather", List.of()),
                            new Contestant("libuv-copy", Server.LIBUV, "writes-copy", List.of()),
                            new Contestant("nio-copy", Server.NIO, "writes-copy", List.of())),
                    true),
            new Work(
                    "pipelined",
                    "echo, 16 connections × 64 B, 16 under way on each",
                    Unit.OPERATION,
                    "echo",
                    List.of("pipelined", "--connections", "16", "--size", "64", "--flight", "16"),
                    List.of(),
                    false),
            new Work(
                    "saturated",
                    "echo, 256 connections × 64 B, two threads of load",
                    Unit.OPERATION,
                    "echo",
                    List.of("echo", "--connections", "256", "--size", "64", "--threads", "2"),
                    List.of(),
                    false),
            echo64("tcp64", "echo over TCP, 64 connections × 64 B", "tcp-echo", List.of()),
            echo64(
                    "udp64",
                    "echo over UDP, 64 clients × 64 B",
                    "udp-echo",
                    List.of(
                            new Contestant("floor-many", Server.FLOOR, "udp-echo-many", List.of()),
                            new Contestant("libuv-many", Server.LIBUV, "udp-echo-many", List.of()))),
            echo64("timers", "echo that puts off a timer, 64 connections × 64 B", "timers", List.of()),
            echo64("remote", "echo by another thread, 64 connections × 64 B", "remote", List.of()),
            echo64("two-loops", "echo in two loops, 64 connections × 64 B", "two-loops", List.of()),
            new Work(
                    "connect",
                    "connect, 2 bytes, close",
                    Unit.OPERATION,
                    "echo",
                    List.of("connect", "--connections", "64"),
                    List.of(),
                    true),
            new Work(
                    "idle",
                    "echo, 64 of 10,000 connections × 64 B",
                    Unit.OPERATION,
                    "echo",
                    List.of("idle", "--idle", IDLE_CONNECTIONS, "--connections", "64", "--size", "64"),
                    List.of(),
                    false),
            new Work(
                    "handles",
                    "handles passed and returned",
                    Unit.OPERATION,
                    "handles",
                    List.of("handles", "--connections", "16"),
                    List.of(),
                    false),
            new Work(
                    "proxy64",
                    "proxy, 16 connections × 64 B",
                    Unit.OPERATION,
                    "proxy",
                    List.of("proxy", "--connections", "16", "--size", "64"),
                    TWO_PROXIES,
                    false),
            relay("relay4k", "proxy of a stream, 4 connections × 4 KiB", "4096", false),
            relay("relay64k", "proxy of a stream, 4 connections × 64 KiB", "65536", true));

    private static Work echo64(String name, String title, String serverWork, List<Contestant> variants) {
        List<String> load = List.of("echo", "--connections", "64", "--size", "64");
        return new Work(name, title, Unit.OPERATION, serverWork, load, variants, false);
    }

    private static Work stream(String name, String title, List<Contestant> variants, boolean quick) {
        List<String> load = List.of(name, "--connections", "4", "--size", "65536");
        return new Work(name, title, Unit.MEBIBYTE, name, load, variants, quick);
    }

    private static Work relay(String name, String title, String size, boolean quick) {
        List<String> load = List.of("relay", "--connections", "4", "--size", size);
        return new Work(name, title, Unit.MEBIBYTE, "proxy", load, TWO_PROXIES, quick);
    }

    /** Who takes part: the given servers, and their variants. */
    List<Contestant> contestants(List<Server> servers) {
        List<Contestant> all = new ArrayList<>();
        for (Server server : servers) {
            if (!server.freesConnections() && name.equals("connect")) {
                continue;
            }
            all.add(new Contestant(server.label(), server, serverWork, List.of()));
            if (server == Server.NETTY && OF_IO_URING.contains(name)) {
                all.add(new Contestant(NETTY_IO_URING, server, serverWork, List.of("-Dbench.transport=io_uring")));
            }
            variants.stream().filter(v -> v.server() == server).forEach(all::add);
            if (server == Server.PANPIPE) {
                Environment.beforeOptions()
                        .ifPresent(o -> all.add(new Contestant("panpipe-before", server, serverWork, o)));
            }
        }
        return all;
    }

    /** Who takes part in the smoke run: not a second JVM of Netty for each work, or that would take too long. */
    List<Contestant> smokeContestants(List<Server> servers) {
        return contestants(servers).stream()
                .filter(c -> !c.name().equals(NETTY_IO_URING) || SMOKE_OF_IO_URING.contains(name))
                .toList();
    }

    /** The same with few idle connections, where descriptors or time are short. */
    Work small() {
        List<String> fewer = load.stream()
                .map(option -> option.equals(IDLE_CONNECTIONS) ? FEWER_IDLE_CONNECTIONS : option)
                .toList();
        return new Work(name, title, unit, serverWork, fewer, variants, quick);
    }
}
