/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.testbed.ChildProcess;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.QuickJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM leaves behind that ends while names are bound: no socket file of its own, however it ends. */
@EnabledOnOs(OS.LINUX)
class EndOfJvmTest {

    private static final Duration PATIENCE = Patience.minutes(1);

    @TempDir
    private Path directory;

    /** Binds names of several loops, none of which is closed, and ends as it is told. */
    static final class Child {

        private Child() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[1]);
            PipeServerChannel.bind(directory.resolve("shared").toString());
            Pipe idle = new Pipe(new Loop());
            idle.bind(directory.resolve("of a loop that never ran").toString());
            Pipe lost = new Pipe(idle.loop());
            lost.bind(directory.resolve("of somebody else by now").toString());
            Path taken = directory.resolve("of somebody else by now");
            Files.delete(taken);
            Files.createFile(taken);
            LoopThread thread = new LoopThread();
            PipeServerChannel.bind(thread.loop(), directory.resolve("of a loop of its own").toString());
            switch (arguments[0]) {
                case "waits" -> {
                    System.out.println("ready");
                    Thread.sleep(Long.MAX_VALUE);
                }
                case "exits in a callback" -> {
                    Runtime.getRuntime().addShutdownHook(new Thread(thread::close));
                    thread.loop().execute(() -> System.exit(7));
                    Thread.sleep(Long.MAX_VALUE);
                }
                default -> System.out.println("returns");
            }
        }
    }

    private ChildProcess child(String end) throws Exception {
        return new ChildProcess(new ProcessBuilder(QuickJvm.command(Child.class, end, directory.toString())));
    }

    private static void await(ChildProcess child, BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - begin < PATIENCE.toNanos(), child::text);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void assertOnlyOthersLeft() throws Exception {
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(directory.resolve("of somebody else by now")), left.toList());
        }
    }

    @Test
    void itReturnsFromMain() throws Exception {
        try (ChildProcess child = child("returns")) {
            child.output();
            assertOnlyOthersLeft();
        }
    }

    @Test
    void itIsTerminated() throws Exception {
        try (ChildProcess child = child("waits")) {
            await(child, () -> child.text().contains("ready"));
            assertTrue(Files.exists(directory.resolve("shared")));
            child.process().destroy();
            child.process().waitFor();
            assertOnlyOthersLeft();
        }
    }

    @Test
    void aCallbackExitsWhileAHookClosesItsLoop() throws Exception {
        try (ChildProcess child = child("exits in a callback")) {
            // Else the hook waits for the thread that waits for the hook.
            await(child, child::hasEnded);
            assertEquals(7, child.process().waitFor(), child::text);
            assertOnlyOthersLeft();
        }
    }
}
