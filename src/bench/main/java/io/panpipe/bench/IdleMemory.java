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
import java.util.List;

/**
 * What 10,000 connections cost in memory: before any byte was said on them, and after each has had one echo. The live
 * heap is what is left after a full collection. Resident memory is that and what the kernel counts outside of the heap.
 *
 * <p>For that the heap is resident from the beginning. How much of a heap the kernel counts otherwise says more about
 * earlier garbage, on whose pages the connections may come to lie, than about the connections.
 */
final class IdleMemory {

    static final String SUBJECT = "idle";

    private static final int CONNECTIONS = 10_000;
    private static final int FEW_CONNECTIONS = 500;
    private static final List<String> HEAP = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");
    private static final double WARM_UP_SECONDS = 2;
    private static final double KIBIBYTE = 1024;

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

    void run(List<Server> servers) throws IOException, InterruptedException {
        for (int round = 0; round < plan.memoryRounds(); round++) {
            for (Server server : servers) {
                measure(server, round);
            }
        }
    }

    private void measure(Server server, int round) throws IOException, InterruptedException {
        Contestant contestant = new Contestant(server.label(), server, "echo", List.of());
        try (RunningServer running = RunningServer.launch(contestant, environment, HEAP)) {
            if (!running.awaitReady()) {
                throw new IOException(server.label() + " has no echo");
            }
            double seconds = plan.smoke() ? plan.seconds() : WARM_UP_SECONDS;
            if (server.freesConnections()) {
                running.measure(List.of("connect", "--connections", "64"), seconds);
            }
            running.measure(List.of("echo", "--connections", "64", "--size", "64"), seconds / 2);
            hold(running, round);
        }
    }

    private void hold(RunningServer server, int round) throws IOException, InterruptedException {
        Memory before = Memory.of(server);
        List<String> command = List.of(
                environment.program("load"),
                "hold",
                server.path().toString(),
                "--idle",
                Integer.toString(connections));
        Process load = new ProcessBuilder(environment.onLoadCpu(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = load.inputReader()) {
            expect("connected", output);
            record(server, round, before, Metric.RESIDENT, Metric.LIVE);
            load.getOutputStream().write('\n');
            load.getOutputStream().flush();
            expect("spoken", output);
            record(server, round, before, Metric.RESIDENT_SPOKEN, Metric.LIVE_SPOKEN);
            load.getOutputStream().close();
            load.waitFor();
        } finally {
            load.destroy();
        }
    }

    private static void expect(String line, BufferedReader output) throws IOException {
        String said = output.readLine();
        if (!line.equals(said)) {
            throw new IOException("the load said " + said + " instead of " + line);
        }
    }

    private void record(RunningServer server, int round, Memory before, String resident, String live)
            throws IOException, InterruptedException {
        Memory now = Memory.of(server);
        String name = server.contestant().name();
        double grown = (now.live - before.live) / connections;
        double outside = (now.resident - before.resident) / connections;
        data.add(Section.MEMORY, SUBJECT, name, round, resident, outside + grown);
        if (server.contestant().server().isJava()) {
            data.add(Section.MEMORY, SUBJECT, name, round, live, grown);
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
            return new Memory(resident(server.pid()), live);
        }

        private static double resident(long pid) throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Double.parseDouble(line.split("\\s+")[1]) * KIBIBYTE;
                }
            }
            throw new IOException("no VmRSS of " + pid);
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
