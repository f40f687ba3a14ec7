/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Timer;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures an echo server: how many round trips a second, and how long each takes. */
@Command(
        name = "bench",
        description = {
            "Measures round trips with an echo server, such as 'panpipe listen NAME --echo'.",
            "",
            "Each connection sends a message, waits for the whole echo, compares it, and sends the next."
        })
final class BenchCommand implements Callable<Integer> {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MICRO = 1e3;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private TimeoutOption timeout = new TimeoutOption();

    @Mixin
    private WaitOption wait = new WaitOption();

    @Parameters(paramLabel = "NAME", converter = Address.Reader.class, description = "The echo server's name.")
    private Address name = new PipeAddress("");

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "1",
            converter = Converters.Count.class,
            description = "Connections at once (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            defaultValue = "64",
            converter = Converters.Count.class,
            description = "Bytes of a message (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = Converters.Time.class,
            description = "How long to measure (default: ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ZERO;

    @Option(
            names = {"-w", "--warmup"},
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Converters.Time.class,
            description = "How long to run before measuring (default: ${DEFAULT-VALUE}).")
    private Duration warmup = Duration.ZERO;

    @Option(names = "--json", description = "Write the result as one line of JSON.")
    private boolean json;

    private final Histogram latencies = new Histogram();
    private final List<BenchConnection> open = new ArrayList<>();
    private int connected;
    private long begun;
    private long ended;

    @Override
    public Integer call() {
        int code = common.run(this::start);
        if (code == 0 && ended != 0) {
            if (json) {
                printJson(System.out);
            } else {
                print(System.out);
            }
        }
        return code;
    }

    private void start(Session session) {
        TrafficLine traffic = TrafficLine.start(session, !common.isQuiet());
        Connector connector = new Connector(session, name, timeout.get(), wait.get());
        for (int i = 0; i < connections; i++) {
            BenchConnection connection = new BenchConnection(session, traffic, latencies, size, i + 1);
            open.add(connection);
            connector.connect(stream -> {
                connection.connected(stream);
                connected++;
                if (connected == connections) {
                    warmUp(session);
                }
            }, session::fail);
        }
    }

    private void warmUp(Session session) throws IOException {
        for (BenchConnection connection : open) {
            connection.begin();
        }
        new Timer(session.loop()).start(timer -> {
            latencies.clear();
            begun = System.nanoTime();
            timer.start(due -> finish(session), duration);
        }, warmup);
    }

    private void finish(Session session) {
        ended = System.nanoTime();
        if (latencies.total() == 0) {
            session.fail(new IOException("no whole echo came back from " + name
                    + " in the time measured: is it an echo server?"));
        } else {
            session.finish();
        }
    }

    private void print(PrintStream out) {
        double seconds = (ended - begun) / NANOS_PER_SECOND;
        double rate = latencies.total() / seconds;
        out.printf(Locale.ROOT, "%s, %d %s, %d B, %.1f s%n",
                name, connections, connections == 1 ? "connection" : "connections", size, seconds);
        out.printf(Locale.ROOT, "round trips  %,d (%,.0f/s)%n", latencies.total(), rate);
        out.printf(Locale.ROOT, "data         %s/s each way%n", TrafficLine.bytes(rate * size));
        out.printf(Locale.ROOT, "latency/us   p50 %s  p90 %s  p99 %s  p99.9 %s  max %s%n",
                micros(latencies.percentile(50)),
                micros(latencies.percentile(90)),
                micros(latencies.percentile(99)),
                micros(latencies.percentile(99.9)),
                micros(latencies.highest()));
        out.flush();
    }

    private void printJson(PrintStream out) {
        double seconds = (ended - begun) / NANOS_PER_SECOND;
        double rate = latencies.total() / seconds;
        out.printf(Locale.ROOT, "{\"name\": \"%s\", \"connections\": %d, \"size\": %d, \"seconds\": %.3f,"
                        + " \"roundTrips\": %d, \"roundTripsPerSecond\": %.1f, \"bytesPerSecond\": %.0f,"
                        + " \"latencyMicros\": {\"p50\": %s, \"p90\": %s, \"p99\": %s, \"p999\": %s, \"max\": %s}}%n",
                escaped(name.toString()), connections, size, seconds,
                latencies.total(), rate, rate * size,
                micros(latencies.percentile(50)),
                micros(latencies.percentile(90)),
                micros(latencies.percentile(99)),
                micros(latencies.percentile(99.9)),
                micros(latencies.highest()));
        out.flush();
    }

    /** Writes a text as it is inside a string of JSON. */
    static String escaped(String text) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                all.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                all.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
        }
        return all.toString();
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / NANOS_PER_MICRO);
    }
}
