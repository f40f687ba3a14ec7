/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What 10,000 connections cost in memory: before any byte was said on them, and after each has had one echo. The live
 * heap is what is left after a full collection. Resident memory is that and what the process has written to outside of
 * the heap and nobody else has, {@code Private_Dirty} in {@code smaps_rollup}. Pages of files are left out: whether the
 * system keeps them says nothing about connections.
 *
 * <p>For that the heap is resident from the beginning. How much of a heap the kernel counts otherwise says more about
 * earlier garbage, on whose pages the connections may come to lie, than about the connections.
 *
 * <p>A JVM's compilers free what they have used seconds after they are done: the JVM itself keeps freed pieces for five.
 * So all servers of a round run side by side and are looked at after they were left alone for longer than that, and then
 * again until two looks agree. A server that is looked at too early seems to shrink by its connections.
 *
 * <p>What the kernel keeps is counted for the whole machine, by its slabs, while one server after another is connected
 * to.
 */
final class IdleMemory {

    static final String SUBJECT = "idle";

    private static final int CONNECTIONS = 10_000;
    private static final int FEW_CONNECTIONS = 500;
    private static final List<String> HEAP = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");
    private static final double WARM_UP_SECONDS = 2;
    private static final double KIBIBYTE = 1024;

    /** Longer than a JVM keeps what it has freed. */
    private static final long REST_MILLIS = 6000;
    /** Two looks that differ by less agree: 6 bytes a connection. */
    private static final double AGREEMENT = 64 * KIBIBYTE;

    private static final long LOOK_MILLIS = 1000;
    private static final int MOST_LOOKS = 10;

    /** Whom the smoke run looks at: a look at a JVM starts two others. */
    private static final List<String> LOOKED_AT = List.of(Peers.FLOOR, Peers.PANPIPE);

    /** What one server takes in a round, which takes up to a second for each of three looks, and all of them rest. */
    private static final double SECONDS_OF_A_SERVER = 6;

    private final Environment environment;
    private final Plan plan;
    private final Data data;
    private final int connections;

    IdleMemory(Environment environment, Plan plan, Data data) {
        this.environment = environment;
        this.plan = plan;
        this.data = data;
        this.connections = plan.smoke() ? FEW_CONNECTIONS : CONNECTIONS;
    }

    /** How many seconds it will take. */
    static double expected(Plan plan, int servers) {
        return plan.memoryRounds() * (SECONDS_OF_A_SERVER * servers + 3 * REST_MILLIS / 1e3);
    }

    void run(List<Server> servers) throws IOException, InterruptedException {
        for (int round = 0; round < plan.memoryRounds(); round++) {
            try (ServerPool pool = new ServerPool(environment, plan.smoke() ? Smoke.JVM_OPTIONS : HEAP)) {
                round(pool, servers, round);
            }
        }
    }

    private void round(ServerPool pool, List<Server> servers, int round) throws IOException, InterruptedException {
        List<Contestant> contestants = servers.stream()
                .map(server -> new Contestant(server.label(), server, "echo", List.of()))
                .toList();
        List<RunningServer> running = pool.get(contestants);
        if (!plan.smoke()) {
            for (RunningServer server : running) {
                warmUp(server);
            }
        }
        Map<RunningServer, Memory> before = look(running);
        List<Held> held = new ArrayList<>();
        try {
            for (RunningServer server : running) {
                double kernel = kernelMemory();
                held.add(Held.by(server, environment, connections));
                double grown = (kernelMemory() - kernel) / connections;
                data.add(Section.MEMORY, SUBJECT, server.contestant().name(), round, Metric.KERNEL, grown);
            }
            if (!plan.smoke()) {
                record(round, before, look(running), Metric.RESIDENT, Metric.LIVE);
            }
            for (Held each : held) {
                each.speak();
            }
            record(round, before, look(running), Metric.RESIDENT_SPOKEN, Metric.LIVE_SPOKEN);
        } finally {
            held.forEach(each -> each.load.destroy());
            for (Held each : held) {
                each.awaitEnd();
            }
        }
    }

    private void warmUp(RunningServer running) throws IOException, InterruptedException {
        if (running.contestant().server().freesConnections()) {
            running.measure(List.of("connect", "--connections", "64"), WARM_UP_SECONDS);
        }
        running.measure(List.of("echo", "--connections", "64", "--size", "64"), WARM_UP_SECONDS / 2);
    }

    /** Leaves all servers alone for a while and looks at each until it is level. */
    private Map<RunningServer, Memory> look(List<RunningServer> servers) throws IOException, InterruptedException {
        Map<RunningServer, Memory> looks = new LinkedHashMap<>();
        if (!plan.smoke()) {
            Thread.sleep(REST_MILLIS);
        }
        for (RunningServer server : servers) {
            if (plan.smoke() && !LOOKED_AT.contains(server.contestant().name())) {
                continue;
            }
            Memory before = Memory.of(server);
            Memory now = plan.smoke() ? before : Memory.of(server);
            for (int i = 0; i < MOST_LOOKS && Math.abs(now.resident - before.resident) > AGREEMENT; i++) {
                Thread.sleep(LOOK_MILLIS);
                before = now;
                now = Memory.of(server);
            }
            looks.put(server, now);
        }
        return looks;
    }

    private void record(
            int round,
            Map<RunningServer, Memory> before,
            Map<RunningServer, Memory> after,
            String resident,
            String live) {
        after.forEach((server, now) -> {
            Memory then = before.get(server);
            String name = server.contestant().name();
            double grown = (now.live - then.live) / connections;
            double outside = (now.resident - then.resident) / connections;
            data.add(Section.MEMORY, SUBJECT, name, round, resident, outside + grown);
            if (server.contestant().server().isJava()) {
                data.add(Section.MEMORY, SUBJECT, name, round, live, grown);
            }
        });
    }

    /** What the kernel has in its slabs: sockets, their inodes and names, open files, what epoll knows of them. */
    private static double kernelMemory() throws IOException {
        return kibibytes(Path.of("/proc/meminfo"), "Slab:");
    }

    private static double kibibytes(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(key)) {
                return Double.parseDouble(line.split("\\s+")[1]) * KIBIBYTE;
            }
        }
        throw new IOException("no " + key + " in " + file);
    }

    /** Connections to a server that somebody holds. */
    private record Held(Process load, BufferedReader output) {

        static Held by(RunningServer server, Environment environment, int connections) throws IOException {
            List<String> command = List.of(
                    environment.program("load"),
                    "hold",
                    server.path().toString(),
                    "--idle",
                    Integer.toString(connections));
            Process load = new ProcessBuilder(environment.onLoadCpu(command))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Held held = new Held(load, load.inputReader());
            try {
                held.expect("connected");
            } catch (IOException failed) {
                load.destroy();
                throw failed;
            }
            return held;
        }

        void speak() throws IOException {
            load.getOutputStream().write('\n');
            load.getOutputStream().flush();
            expect("spoken");
        }

        private void expect(String line) throws IOException {
            String said = output.readLine();
            if (!line.equals(said)) {
                throw new IOException("the load said " + said + " instead of " + line);
            }
        }

        void awaitEnd() throws IOException, InterruptedException {
            output.close();
            load.waitFor();
        }
    }

    /** A look at a process. */
    private record Memory(double resident, double live) {

        static Memory of(RunningServer server) throws IOException, InterruptedException {
            // Counts after a full collection, so this has to come first.
            double live = 0;
            if (server.contestant().server().isJava()) {
                live = live(server.pid());
                // What the compilers have freed would hide what connections take.
                jcmd(server.pid(), "System.trim_native_heap");
            }
            Path rollup = Path.of("/proc", Long.toString(server.pid()), "smaps_rollup");
            return new Memory(kibibytes(rollup, "Private_Dirty:"), live);
        }

        private static double live(long pid) throws IOException, InterruptedException {
            List<String> lines = jcmd(pid, "GC.class_histogram");
            String total = lines.stream()
                    .filter(line -> line.startsWith("Total"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("jcmd said: " + lines));
            return Double.parseDouble(total.strip().split("\\s+")[2]);
        }

        private static List<String> jcmd(long pid, String what) throws IOException, InterruptedException {
            String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            Process process = new ProcessBuilder(jcmd, Long.toString(pid), what)
                    .redirectErrorStream(true)
                    .start();
            List<String> lines = new ArrayList<>();
            try (BufferedReader reader = process.inputReader()) {
                reader.lines().forEach(lines::add);
            }
            if (process.waitFor() != 0) {
                throw new IOException("jcmd " + what + " said: " + lines);
            }
            return lines;
        }
    }
}
