/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.RunMode;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The running system: its loops have their turns one after the other, in random order. */
final class RealMachine implements Machine {

    private static final Duration PATIENCE = Patience.seconds(60);

    private final Path directory;
    private final Random random;
    private final List<Loop> loops = new ArrayList<>();
    private int names;

    RealMachine(long seed) throws IOException {
        random = new Random(~seed);
        directory = Files.createTempDirectory(Path.of("/tmp"), "pp");
    }

    @Override
    public Loop newLoop() throws PanpipeException {
        Loop loop = new Loop();
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            if (!RandomProgram.isExpected(thrown)) {
                throw new AssertionError("a callback threw " + thrown, thrown);
            }
        });
        loops.add(loop);
        return loop;
    }

    @Override
    public String freshName() {
        return directory + "/" + ++names;
    }

    @Override
    public boolean run() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Loop> order = new ArrayList<>(loops);
        boolean alive = true;
        while (alive && System.nanoTime() < deadline) {
            Collections.shuffle(order, random);
            alive = false;
            for (Loop loop : order) {
                alive |= loop.run(RunMode.NOWAIT);
            }
            if (order.size() == 1 && alive) {
                // Alone, it may as well wait.
                alive = loops.getFirst().run(RunMode.ONCE);
            }
        }
        return !alive;
    }

    @Override
    public boolean hasFaults() {
        return false;
    }

    @Override
    public boolean isDead(Loop loop) {
        return false;
    }

    @Override
    public void checkNothingLeft() {
        loops.forEach(loop -> assertEquals(List.of(), loop.handles()));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.toList());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public String history() {
        return "";
    }

    @Override
    public void close() {
        loops.forEach(Loop::close);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
