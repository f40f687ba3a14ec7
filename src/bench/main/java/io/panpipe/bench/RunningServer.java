/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server's process: started, ready, and ended by the end of its input. */
final class RunningServer implements AutoCloseable {

    private static final String READY = "ready";
    private static final String UNSUPPORTED = "unsupported";
    private static final String THREADS = "--threads";
    private static final int PATIENCE_SECONDS = 10;
    private static final int LOOK_MILLIS = 30;
    private static final int MOST_LOOKS = 300;

    private final Contestant contestant;
    private final Environment environment;
    private final Path path;
    private final Path upstream;
    private final Process process;
    /** Where the load connects to: the path, or what the server said. */
    private String address = "";
    private boolean abandoned;

    private RunningServer(Contestant contestant, Environment environment, List<String> jvmOptions) throws IOException {
        this.contestant = contestant;
        this.environment = environment;
        this.path = environment.freshPath();
        this.upstream = environment.freshPath();
        List<String> options = new ArrayList<>(contestant.jvmOptions());
        options.addAll(jvmOptions);
        List<String> command = new ArrayList<>(contestant.server().command(environment, options));
        command.addAll(List.of(contestant.work(), path.toString(), upstream.toString()));
        this.process = new ProcessBuilder(environment.onServerCpu(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Starts a server's process. Next is {@link #awaitReady}. */
    static RunningServer launch(Contestant contestant, Environment environment, List<String> jvmOptions)
            throws IOException {
        return new RunningServer(contestant, environment, jvmOptions);
    }

    /** Waits until the server listens; false if the library cannot do this work, and then the process has ended. */
    boolean awaitReady() throws IOException {
        String line = process.inputReader().readLine();
        if (line != null && line.startsWith(READY)) {
            String port = line.substring(READY.length()).strip();
            address = port.isEmpty() ? path.toString() : port;
            return true;
        }
        process.destroy();
        if (line != null && line.startsWith(UNSUPPORTED)) {
            String reason = line.substring(UNSUPPORTED.length()).strip();
            if (!reason.isEmpty()) {
                System.out.println(contestant.name() + " is left out of " + contestant.work() + ": " + reason);
            }
            return false;
        }
        throw new IOException(contestant.name() + " said " + line + " when told to " + contestant.work());
    }

    Contestant contestant() {
        return contestant;
    }

    long pid() {
        return process.pid();
    }

    Path path() {
        return path;
    }

    /** Puts a load on this server and waits for its result. */
    Measurement measure(List<String> load, double seconds, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(environment.program("load"));
        command.add(load.get(0));
        command.add(address);
        command.addAll(load.subList(1, load.size()));
        command.addAll(List.of("--pid", Long.toString(pid()), "--seconds", Double.toString(seconds)));
        command.addAll(List.of("--upstream", upstream.toString()));
        command.addAll(List.of(more));
        if (!contestant.endsWell()) {
            command.add("--abrupt");
        }
        Process client = new ProcessBuilder(environment.onLoadCpu(threads(load), command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = client.inputReader()) {
            String line = output.readLine();
            int status = client.waitFor();
            Files.deleteIfExists(upstream);
            if (line == null || status != 0) {
                throw new IOException(contestant.name() + " failed: the load ended with " + status);
            }
            awaitQuiet();
            return Measurement.parse(line);
        } finally {
            client.destroy();
        }
    }

    private static int threads(List<String> load) {
        int option = load.indexOf(THREADS);
        return option < 0 ? 1 : Integer.parseInt(load.get(option + 1));
    }

    /**
     * Waits until the server does nothing any more: closing 10,000 connections takes some of them seconds, which would be
     * a part of the next one's turn.
     */
    private void awaitQuiet() throws InterruptedException {
        Duration before = Duration.ofNanos(-1);
        Duration now = cpuTime();
        for (int i = 0; i < MOST_LOOKS && !now.equals(before); i++) {
            Thread.sleep(LOOK_MILLIS);
            before = now;
            now = cpuTime();
        }
    }

    private Duration cpuTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Ends a server that has failed, in whatever state it is. */
    void abandon() {
        abandoned = true;
        process.destroyForcibly();
    }

    /** Asks the server to end; {@link #close} waits for it. */
    void askToEnd() throws IOException {
        if (!abandoned) {
            process.getOutputStream().close();
        }
    }

    /** Ends the server, which has to end well, unless it was abandoned. */
    @Override
    public void close() throws IOException {
        if (abandoned) {
            Files.deleteIfExists(path);
            return;
        }
        askToEnd();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(contestant.name() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
        Files.deleteIfExists(path);
        if (process.exitValue() != 0) {
            throw new IOException(contestant.name() + " ended with " + process.exitValue());
        }
    }
}
