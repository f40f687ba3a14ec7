/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.examples.StandardStreams;
import io.panpipe.testbed.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The loop on the standard streams that a parent has made as parents do: anonymous pipes, for synchronous I/O. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
class StandardStreamsOnWindowsTest {

    @TempDir
    private Path directory;

    @Test
    void copiesStandardInputToStandardOutput() throws Exception {
        byte[] text = "the quick brown fox\n".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
        Process process = new ProcessBuilder(ChildJvm.command(StandardStreams.class)).start();
        try {
            CompletableFuture<String> error = CompletableFuture.supplyAsync(() -> {
                try {
                    // readAllBytes would ask for the length, which Wine's pipes do not tell.
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    process.getErrorStream().transferTo(all);
                    return all.toString(StandardCharsets.US_ASCII);
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            });
            CompletableFuture.runAsync(() -> {
                try (OutputStream in = process.getOutputStream()) {
                    in.write(text);
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            });
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertEquals("THE QUICK BROWN FOX\n".repeat(20_000), output);
            assertEquals(text.length + " bytes\n", error.get(Patience.minutes(2).toMillis(), TimeUnit.MILLISECONDS));
            assertTrue(process.waitFor(Patience.minutes(2).toMillis(), TimeUnit.MILLISECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }

    @Test
    void aFileIsRefusedWithTheReason() throws Exception {
        try (ChildJvm program = ChildJvm.start(directory, new byte[0], StandardStreams.class)) {
            assertEquals(1, program.exitCode());
            assertTrue(program.error().contains("open: invalid argument (EINVAL): this HANDLE is no pipe's"),
                    program.error());
        }
    }
}
