/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** A peer that is a process. What it prints, on standard output and error alike, is its report. */
final class PeerProcess implements Peer {

    private final Process process;
    private final Reports reports = new Reports();
    private final Thread reader;

    /**
     * Starts the process.
     *
     * @param translation turns what the program prints into what {@link Task} wants to read
     */
    PeerProcess(UnaryOperator<String> translation, List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        reader = Thread.ofPlatform().daemon().name("reports of " + command.getFirst()).start(() -> read(translation));
    }

    private void read(UnaryOperator<String> translation) {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                reports.add(translation.apply(line));
            }
        } catch (IOException | UncheckedIOException ended) {
            reports.add("its output ended: " + ended);
        } finally {
            reports.end();
        }
    }

    @Override
    public String await(String word) {
        return reports.await(word);
    }

    @Override
    public void kill() {
        Programs.kill(process);
    }

    @Override
    public void close() {
        kill();
        // Its output ends with the last process that has it; killed orphans may stay zombies for long.
        Deadline.await("the end of a killed peer", () -> !process.isAlive() && !reader.isAlive());
    }
}
