/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import static io.panpipe.junit.TestRun.assertAllPass;
import static io.panpipe.junit.TestRun.only;
import static io.panpipe.junit.TestRun.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.junit.TestRun.Outcome;
import io.panpipe.testing.SimulatedKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What the extension gives to tests, and which tests it fails. Alone in the JVM, because it looks for threads and
 * descriptors of the whole JVM.
 */
@Isolated
@EnabledOnOs(OS.LINUX)
class PanpipeExtensionTest {

    private static final byte[] DATA = "hello".getBytes();

    /** The conversation of all tests here; it knows nothing of kernels. */
    private static void converse(Loop servers, Loop clients, String name) throws Exception {
        Pipe server = new Pipe(servers);
        server.bind(name);
        server.listen((s, error) -> {
            Pipe connection = new Pipe(servers);
            s.accept(connection);
            connection.pipeTo(connection, (c, end) -> {
                c.close();
                s.close();
            });
        });
        Pipe client = new Pipe(clients);
        client.connect(name, (c, error) -> {
            c.write(DATA);
            c.shutdown();
            c.startRead((same, data, end) -> {
                if (end != null) {
                    same.close();
                }
            });
        });
    }

    // What tests are given.

    @ExtendWith(PanpipeExtension.class)
    static class Real {

        private Loop before;

        @BeforeEach
        void begin(Loop loop) {
            before = loop;
        }

        @Test
        void conversation(Loop loop, @FreshName String name, @FreshName String other) throws Exception {
            assertNotEquals(name, other);
            assertNotEquals(before, loop);
            converse(loop, loop, name);
            loop.run();
        }

        @AfterEach
        void end(Loop loop) {
            assertEquals(0, loop.handles().size());
        }
    }

    @Test
    void aTestGetsLoopsAndNamesOfTheRunningSystem() {
        assertAllPass(Real.class, 1);
    }

    @Simulated
    static class OnAMachine {

        @Test
        void severalLoops(Loop one, Loop other, SimulatedKernel kernel, @FreshName String name) throws Exception {
            assertEquals(0, kernel.seed());
            converse(one, other, name);
            kernel.run();
            assertTrue(kernel.trace().contains(name));
        }

        @Test
        @Simulated(seed = 5)
        void withASeed(Loop loop, SimulatedKernel kernel) {
            assertEquals(5, kernel.seed());
            new Timer(loop).start(Timer::close, Duration.ofDays(1));
            loop.run();
            assertEquals(1, kernel.time().toDays());
        }
    }

    @Test
    void aSimulatedTestGetsThemOfOneMachine() {
        assertAllPass(OnAMachine.class, 2);
    }

    @Simulated
    static class Outside {

        @Nested
        class Inside {

            @Test
            void test(SimulatedKernel kernel) {}
        }
    }

    @Test
    void aNestedTestIsAsSimulatedAsItsSurroundings() {
        assertAllPass(Outside.class, 1);
    }

    static class ManySeeds {

        @SimulatedTest(seeds = 50)
        void conversation(Loop one, Loop other, SimulatedKernel kernel, @FreshName String name) throws Exception {
            converse(one, other, name);
            kernel.run();
        }
    }

    @Test
    void manySeedsAreManyTests() {
        assertAllPass(ManySeeds.class, 50);
    }

    @ExtendWith(PanpipeExtension.class)
    static class NoMachine {

        @Test
        void realTest(SimulatedKernel kernel) {}
    }

    @Test
    void aRealTestHasNoMachine() {
        assertTrue(only(NoMachine.class).message().contains("@Simulated"));
    }

    // What fails, and what is told of it.

    static class FailsAtSeven {

        static final AssertionError FAILURE = new AssertionError("wrong order");

        @SimulatedTest(seeds = 1000)
        void conversation(Loop loop, SimulatedKernel kernel, @FreshName String name) throws Exception {
            converse(loop, loop, name);
            kernel.run();
            if (kernel.seed() == 7) {
                throw FAILURE;
            }
        }
    }

    @Test
    void theFirstSeedThatFailsEndsItAndIsReported() {
        List<Outcome> outcomes = run(FailsAtSeven.class);
        assertEquals(7, outcomes.size());
        Throwable failure = outcomes.getLast().failure().orElseThrow();
        String told = failure.getMessage();
        assertEquals("seed 7", outcomes.getLast().name());
        assertTrue(told.contains("wrong order"), told);
        assertTrue(told.contains("mvn test -Dtest='PanpipeExtensionTest$FailsAtSeven#conversation' -Dpanpipe.seed=7"), told);
        assertTrue(told.contains("main: accept #"), told);
        assertSame(FailsAtSeven.FAILURE, failure.getCause());
    }

    static class LeaksAtThree {

        @SimulatedTest(seeds = 1000)
        void conversation(Loop loop, SimulatedKernel kernel) {
            if (kernel.seed() == 3) {
                new Pipe(loop);
            }
        }
    }

    @Test
    void aLeakEndsItAsWell() {
        List<Outcome> outcomes = run(LeaksAtThree.class);
        assertEquals(3, outcomes.size());
        assertTrue(outcomes.getLast().message().contains("Pipe of process main is open"));
        assertTrue(outcomes.getLast().message().contains("-Dpanpipe.seed=3"));
    }

    @ExtendWith(PanpipeExtension.class)
    static class OpenHandle {

        @Test
        void test(Loop loop) {
            new Timer(loop).start(t -> {}, Duration.ofHours(1));
        }
    }

    @Test
    void anOpenHandleIsALeak() {
        assertTrue(only(OpenHandle.class).message().contains("Timer is open"), only(OpenHandle.class)::message);
    }

    @ExtendWith(PanpipeExtension.class)
    static class PendingWrite {

        @Test
        void test(Loop loop) throws Exception {
            Pipe[] pair = Pipe.pair(loop);
            pair[0].write(new byte[10_000_000], (p, error) -> {});
            pair[1].close();
        }
    }

    @Test
    void aCallbackThatNeverRanIsALeak() {
        assertTrue(only(PendingWrite.class).message().contains("Pipe is open"), only(PendingWrite.class)::message);
    }

    @ExtendWith(PanpipeExtension.class)
    static class LeakedDescriptor {

        static long descriptor;

        @Test
        void test(Loop loop) throws Exception {
            Pipe[] pair = Pipe.pair(loop);
            pair[0].close();
            descriptor = pair[1].detach();
        }
    }

    @Test
    void aDescriptorThatNobodyOwnsIsALeak() throws Exception {
        Outcome outcome = only(LeakedDescriptor.class);
        try (Loop loop = new Loop()) {
            new Pipe(loop).open(LeakedDescriptor.descriptor);
        }
        assertTrue(outcome.message().contains("descriptor " + LeakedDescriptor.descriptor + " is open: socket:"),
                outcome::message);
    }

    @ExtendWith(PanpipeExtension.class)
    static class LeakedThread {

        static final CountDownLatch END = new CountDownLatch(1);

        @Test
        void test() {
            Thread.ofPlatform().name("left alone").start(() -> {
                try {
                    END.await();
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    @Test
    void aThreadThatRunsOnIsALeak() {
        Outcome outcome = only(LeakedThread.class);
        LeakedThread.END.countDown();
        assertTrue(outcome.message().contains("thread \"left alone\" runs"), outcome::message);
    }

    @ExtendWith(PanpipeExtension.class)
    static class LeakedName {

        static Path file;

        @Test
        void test(@FreshName String name) throws Exception {
            file = Files.createFile(Path.of(name));
        }
    }

    @Test
    void aFileOfTheFreshNameIsALeak() throws Exception {
        Outcome outcome = only(LeakedName.class);
        Files.delete(LeakedName.file);
        assertTrue(outcome.message().contains("there is a file " + LeakedName.file), outcome::message);
    }

    @ExtendWith(PanpipeExtension.class)
    static class ThrowingCallback {

        @Test
        void test(Loop loop) {
            loop.execute(() -> {
                throw new IllegalStateException("in a callback");
            });
            loop.run(RunMode.NOWAIT);
        }
    }

    @Test
    void whatACallbackThrowsFailsTheTest() {
        assertTrue(only(ThrowingCallback.class).message().contains("in a callback"));
    }

    @ExtendWith(PanpipeExtension.class)
    static class ThrowingAtTheEnd {

        static Pipe other;

        @Test
        void test(Loop loop, Loop second) throws Exception {
            new Pipe(loop).close(closed -> {
                throw new IllegalStateException("in a callback");
            });
            other = Pipe.pair(second)[0];
        }
    }

    @Test
    void whatACallbackThrowsAtTheEndIsToldBeforeWhatIsLeft() {
        Throwable failure = only(ThrowingAtTheEnd.class).failure().orElseThrow();
        assertTrue(failure.getMessage().contains("in a callback"), failure::getMessage);
        assertTrue(failure.getSuppressed()[0].getMessage().contains("Pipe is open"));
        assertTrue(ThrowingAtTheEnd.other.closed());
    }

    @ExtendWith(PanpipeExtension.class)
    static class FailsAnyway {

        @Test
        void test(Loop loop) {
            new Pipe(loop);
            throw new IllegalArgumentException("the reason");
        }
    }

    @Test
    void aTestThatFailsIsNotBlamedForWhatItLeft() {
        Throwable failure = only(FailsAnyway.class).failure().orElseThrow();
        assertEquals("the reason", failure.getMessage());
        assertEquals(0, failure.getSuppressed().length);
    }
}
