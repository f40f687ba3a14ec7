/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.panpipe.Loop;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The modules of the library, the command and picocli as an image of their own, made by jlink. */
@EnabledOnOs(OS.LINUX)
class LinkedImageTest {

    @TempDir
    Path directory;

    private static Path placeOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @Test
    void anImageOfThreeModulesEchoes() throws Exception {
        Path library = placeOf(Loop.class);
        Path image = directory.resolve("image");
        int status = ToolProvider.findFirst("jlink").orElseThrow().run(System.out, System.err, "--module-path",
                library + ":" + placeOf(Panpipe.class) + ":" + placeOf(CommandLine.class),
                "--add-modules", "io.panpipe.cli", "--launcher", "panpipe=io.panpipe.cli/io.panpipe.cli.Panpipe",
                "--add-options=--enable-native-access=io.panpipe", "--output", image.toString());
        assertEquals(0, status);
        assertFalse(Files.exists(image.resolve("lib/jdk.jshell")), "nothing that scripts need");

        Path name = directory.resolve("s");
        try (Child server = Child.at(image.resolve("bin/panpipe"), "listen", name.toString(), "--echo")) {
            Peer.awaitServer(name);
            try (SocketChannel client = Peer.client(name)) {
                Peer.write(client, "hello");
                assertEquals("hello", Peer.read(client, 5));
            }
            // The launcher is a shell script, which waits for the JVM.
            server.process().descendants().forEach(ProcessHandle::destroy);
            assertEquals(143, server.exitCode(), server::error);
            assertFalse(server.error().contains("WARNING"), server::error);
        }
        assertFalse(Files.exists(name));
    }
}
