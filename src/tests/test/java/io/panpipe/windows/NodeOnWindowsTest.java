/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.testbed.Patience;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The libuv that tests of Windows talk to, in the place that {@code panpipe.node22} and {@code panpipe.node18} name. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
class NodeOnWindowsTest {

    private static final String ECHO = """
            const net = require('net');
            const [name, text] = process.argv.slice(2);
            const server = net.createServer(connection => connection.pipe(connection)).listen(name, () => {
              const client = net.connect(name, () => client.write(text));
              client.once('data', data => {
                console.log(process.version + ' ' + data);
                client.destroy();
                server.close();
              });
            });
            """;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {18, 22})
    void nodeHearsItselfOverANamedPipe(int version) throws Exception {
        String node = System.getProperty("panpipe.node" + version);
        assumeTrue(node != null, () -> "no property panpipe.node" + version);
        Path script = Files.writeString(directory.resolve("echo.js"), ECHO);
        File output = directory.resolve("output").toFile();
        Process process = new ProcessBuilder(node, script.toString(), "\\\\.\\pipe\\" + UUID.randomUUID(), "hello")
                .redirectErrorStream(true)
                // Files, because under Wine node cannot write to what Java calls a pipe.
                .redirectInput(Files.createFile(directory.resolve("input")).toFile())
                .redirectOutput(output)
                .start();
        try {
            assertTrue(process.waitFor(Patience.minutes(2).toMillis(), TimeUnit.MILLISECONDS), "node has not ended");
            String said = Files.readString(output.toPath()).strip();
            assertEquals(0, process.exitValue(), said);
            assertTrue(said.matches("v" + version + "\\.\\S+ hello"), said);
        } finally {
            process.destroyForcibly();
        }
    }
}
