/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The hook that removes socket files at the end of the JVM is there as long as it has something to do. */
@EnabledOnOs(OS.LINUX)
class BoundNamesTest {

    @TempDir
    private Path directory;

    @Test
    void theHookComesWithTheFirstNameAndGoesWithTheLast() throws Exception {
        assertFalse(BoundNames.hasHook(), "another test has left a name bound");
        try (Loop loop = new Loop(); Loop other = new Loop()) {
            Pipe first = bound(loop, "first");
            Pipe second = bound(other, "second");
            Pipe third = bound(loop, "third");
            assertTrue(BoundNames.hasHook());
            first.close();
            Thread.ofPlatform().start(second::releaseName).join();
            assertFalse(Files.exists(directory.resolve("second")));
            assertTrue(BoundNames.hasHook());
            third.detach();
            assertFalse(BoundNames.hasHook());
            Pipe refused = new Pipe(loop);
            assertThrows(PanpipeException.class, () -> refused.bind(directory.resolve("third").toString()));
            assertThrows(PanpipeException.class, () -> refused.bind(directory.resolve("no such/name").toString()));
            assertFalse(BoundNames.hasHook());
            Pipe passed = bound(loop, "passed");
            assertTrue(BoundNames.hasHook());
            Pipe[] pair = Pipe.pair(loop, true);
            pair[0].tryWrite(ByteBuffer.allocate(1), passed);
            assertFalse(BoundNames.hasHook());
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of("passed", "third"), left.map(Path::getFileName).map(Path::toString).sorted().toList());
        }
    }

    private Pipe bound(Loop loop, String name) throws PanpipeException {
        Pipe pipe = new Pipe(loop);
        pipe.bind(directory.resolve(name).toString());
        return pipe;
    }

    @Test
    void aNameIsReleasedOnce() throws Exception {
        try (Loop loop = new Loop()) {
            Pipe first = bound(loop, "name");
            first.listen((server, error) -> {});
            first.releaseName();
            Pipe next = bound(loop, "name");
            first.releaseName();
            first.close();
            loop.run(RunMode.NOWAIT);
            assertTrue(Files.exists(directory.resolve("name")));
            next.close();
            assertFalse(Files.exists(directory.resolve("name")));
        }
    }
}
