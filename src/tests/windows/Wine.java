/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Wine with a prefix of its own, that is a Windows machine whose disk and registry are in one folder. */
final class Wine {

    private static final Path BINARIES = Path.of("/usr/lib/wine");
    private static final Path WINE = BINARIES.resolve("wine64");
    private static final Duration BOOT_TIMEOUT = LaneOptions.patience(Duration.ofMinutes(5));
    private static final Duration SERVER_TIMEOUT = LaneOptions.patience(Duration.ofSeconds(60));
    private static final long POLL_MILLIS = 100;

    private final Path prefix;
    private volatile boolean running;

    Wine(Path prefix) {
        this.prefix = prefix;
        Runtime.getRuntime().addShutdownHook(new Thread(this::endIfRunning, "end of Wine"));
    }

    /** Returns the name that a Windows program knows a file by. */
    static String windowsPath(Path path) {
        return "Z:" + path.toAbsolutePath().toString().replace('/', '\\');
    }

    /** Makes the prefix unless it is there; a half-made one is made anew. */
    void boot(Path log) throws IOException, InterruptedException, LaneException {
        if (!Files.isExecutable(WINE)) {
            throw new LaneException("there is no " + WINE + ": install the package wine64");
        }
        Path complete = prefix.resolve("complete");
        if (Files.exists(complete)) {
            return;
        }
        System.out.println("Windows lane: making Wine's prefix, once");
        LaneFolder.deleteTree(prefix);
        Files.createDirectories(prefix);
        bootWith(log, "wineboot", "--init");
        // Wine's default for programs that do not say which Windows they know, as node.exe does not, is Windows 7.
        bootWith(log, "reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f");
        awaitServer(); // It writes the registry when it ends by itself.
        Files.delete(log);
        Files.createFile(complete);
    }

    private void bootWith(Path log, String... command) throws IOException, InterruptedException, LaneException {
        int status = run(prefix, List.of(command), log, BOOT_TIMEOUT, () -> {});
        if (status != 0) {
            throw new LaneException(
                    String.join(" ", command) + " ended with " + status + ":\n" + Files.readString(log));
        }
    }

    /**
     * Runs a Windows program to its end.
     *
     * @param folder where the program runs
     * @param output where its standard output and error go: a file, because node.exe fails on a Unix pipe, and so that
     *     Wine's server, which outlives the program, never holds a pipe that the build waits on
     * @param silence how long it may go on without writing anything
     * @param meanwhile called ten times a second
     * @return the exit status
     * @throws LaneException if it is silent for longer
     */
    int run(Path folder, List<String> command, Path output, Duration silence, Progress meanwhile)
            throws IOException, InterruptedException, LaneException {
        Files.createDirectories(output.getParent());
        List<String> all = new ArrayList<>(List.of(WINE.toString()));
        all.addAll(command);
        Process process = builder(all).directory(folder.toFile()).redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile()).start();
        running = true;
        long written = 0;
        long since = System.nanoTime();
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            meanwhile.report();
            long size = Files.size(output);
            if (size > written) {
                written = size;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > silence.toNanos()) {
                end();
                process.destroyForcibly().waitFor();
                throw new LaneException("no end and no word for " + silence.toSeconds() + " s." + meanwhile.whatRuns());
            }
        }
        return process.exitValue();
    }

    /** Ends all programs of this prefix and the server that is their kernel, and waits until they have ended. */
    void end() throws IOException, InterruptedException {
        server("-k");
        awaitServer();
    }

    /** For who presses Ctrl-C. Not after the end: the next run in this prefix may have begun. */
    private void endIfRunning() {
        if (!running) {
            return;
        }
        try {
            server("-k");
        } catch (IOException unexpected) {
            System.err.println("Windows lane: Wine's server could not be stopped: " + unexpected);
        } catch (InterruptedException early) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitServer() throws IOException, InterruptedException {
        server("-w");
        running = false;
    }

    private void server(String option) throws IOException, InterruptedException {
        Path server = BINARIES.resolve("wineserver64");
        if (!Files.isExecutable(server)) {
            server = BINARIES.resolve("wineserver");
        }
        Process process = builder(List.of(server.toString(), option))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (!process.waitFor(SERVER_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            System.err.println("Windows lane: programs of Wine have not ended in " + SERVER_TIMEOUT.toSeconds() + " s");
        }
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("WINEPREFIX", prefix.toString());
        environment.put("WINEDEBUG", "-all");
        // No .NET, no browser, no desktop menus: nothing asks for a download or a screen.
        environment.put("WINEDLLOVERRIDES", "mscoree,mshtml=;winemenubuilder.exe=d");
        environment.remove("DISPLAY");
        environment.remove("WAYLAND_DISPLAY");
        return builder;
    }

    /** What is to be told while a program runs. */
    interface Progress {

        /** Tells what is new. */
        void report() throws IOException;

        /** Returns what to add to the news that the program was stopped. */
        default String whatRuns() {
            return "";
        }
    }
}
