/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.panpipe.Async;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.contract.Meddler;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.platform.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Which tests the watchdog fails, and how. Alone in the JVM: it stops the loops of all tests where one cannot be ended
 * otherwise.
 */
@Isolated
@EnabledOnOs(OS.LINUX)
class WatchdogTest {

    /** The limit of tests that hang, long enough for them to come to where they do. */
    private static final String SOON = "PT1S";

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    /** What has become of tests, and of what contains tests, by their names. */
    private record Run(Map<String, Optional<Throwable>> outcomes) {

        /** Runs tests side by side, as most of them only wait. */
        static Run sideBySide(Class<?>... tests) {
            return of(request(tests)
                    .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                    .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                    .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "20")
                    .configurationParameter("junit.jupiter.execution.parallel.config.fixed.max-pool-size", "20"));
        }

        static Run onThisThread(Class<?> tests) {
            return of(request(tests).configurationParameter("junit.jupiter.execution.parallel.enabled", "false"));
        }

        private static LauncherDiscoveryRequestBuilder request(Class<?>... tests) {
            LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
            for (Class<?> each : tests) {
                request.selectors(selectClass(each));
            }
            return request.configurationParameter(Watchdog.QUIET, "true");
        }

        private static Run of(LauncherDiscoveryRequestBuilder request) {
            Map<String, Optional<Throwable>> outcomes = new ConcurrentHashMap<>();
            LauncherFactory.create().execute(request.build(), new TestExecutionListener() {
                @Override
                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                    outcomes.put(test.getDisplayName(), result.getThrowable());
                }
            });
            return new Run(outcomes);
        }

        HungTestError hung(String name) {
            return outcome(name).flatMap(Run::in).orElseThrow(() -> new AssertionError(name + " of " + outcomes));
        }

        /** JUnit wraps what the very end of a test throws, and adds it to what was thrown before. */
        private static Optional<HungTestError> in(Throwable thrown) {
            if (thrown instanceof HungTestError hung) {
                return Optional.of(hung);
            }
            return Stream.concat(Stream.ofNullable(thrown.getCause()), Stream.of(thrown.getSuppressed()))
                    .flatMap(each -> in(each).stream()).findFirst();
        }

        /** Checks that a test failed by its name, with a report that shows where it was. */
        void assertHung(String name, String frame) {
            HungTestError hung = hung(name);
            assertTrue(hung.getMessage().contains(name.replace("()", "")), hung::getMessage);
            assertTrue(Stream.of(hung.getStackTrace()).anyMatch(at -> at.toString().contains(frame)), hung::toString);
            String report = hung.report();
            assertTrue(report.contains(hung.getMessage()), report);
            assertTrue(report.contains(frame), report);
            assertFalse(report.contains("cannot be had"), report);
        }

        void assertPassed(String name) {
            assertEquals(Optional.empty(), outcome(name), outcomes::toString);
        }

        private Optional<Throwable> outcome(String name) {
            Optional<Throwable> outcome = outcomes.get(name);
            assertNotNull(outcome, () -> name + " of " + outcomes);
            return outcome;
        }
    }

    private static Run run;

    @BeforeAll
    static void runWhatHangs() {
        run = Run.sideBySide(ALoop.class, StubbornLoop.class, Waits.class, Before.class, After.class, Made.class,
                Extended.class, Dynamic.class, LateDynamic.class, Repeated.class, WholeClass.class, LongTests.class,
                VirtualThread.class);
    }

    static class ALoop {

        @Test
        @WatchdogLimit(SOON)
        void aLoopThatNothingEnds() throws Exception {
            try (Loop loop = new Loop()) {
                Pipe.pair(loop)[1].startRead((pipe, data, end) -> {});
                assertTrue(loop.run(), "stopped");
            }
        }
    }

    @Test
    void aLoopThatNothingEndsIsStoppedAndItsTestFails() {
        run.assertHung("aLoopThatNothingEnds()", "io.panpipe.Loop.run");
        HungTestError hung = run.hung("aLoopThatNothingEnds()");
        assertEquals(0, hung.getSuppressed().length, "the test itself succeeds");
        assertTrue(hung.report().matches("(?s).*\\[RA-\\] .{8} Pipe: connected, descriptor \\d+, reading, .*"),
                hung::report);
    }

    static class Waits {

        @Test
        @WatchdogLimit(SOON)
        void latch() throws Exception {
            NEVER.await();
        }

        @Test
        @WatchdogLimit(SOON)
        void parked() {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
            }
        }

        @Test
        @WatchdogLimit(SOON)
        void swallows() {
            try {
                NEVER.await();
            } catch (InterruptedException swallowed) {
                // As tests do that are badly written.
            }
        }

        @Test
        @WatchdogLimit(SOON)
        void aborts() {
            try {
                NEVER.await();
            } catch (InterruptedException interrupted) {
                Assumptions.abort("not today");
            }
        }
    }

    @Test
    void aThreadThatWaitsIsInterruptedAndItsTestFailsHoweverItEnds() {
        run.assertHung("latch()", "CountDownLatch.await");
        assertInstanceOf(InterruptedException.class, run.hung("latch()").getSuppressed()[0]);
        run.assertHung("parked()", "LockSupport.park");
        run.assertHung("swallows()", "CountDownLatch.await");
        run.assertHung("aborts()", "CountDownLatch.await");
        run.assertPassed("WatchdogTest$Waits");
    }

    static class Before {

        private static volatile boolean undisturbed;

        @BeforeEach
        void hangs() {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
            }
        }

        @Test
        @WatchdogLimit(SOON)
        void neverComesToItsTest() {}

        @AfterEach
        void isUndisturbed() {
            undisturbed = !Thread.currentThread().isInterrupted();
        }
    }

    static class After {

        @Test
        @WatchdogLimit(SOON)
        void isDone() {}

        @AfterEach
        void hangs() throws Exception {
            NEVER.await();
        }
    }

    static class Made {

        Made() throws Exception {
            NEVER.await();
        }

        @Test
        @WatchdogLimit(SOON)
        void isNeverMade() {}
    }

    /** Keeps for a test what hangs when JUnit closes it, after all callbacks. */
    static final class Keeper implements BeforeEachCallback {

        @Override
        public void beforeEach(ExtensionContext context) {
            context.getStore(Namespace.create(Keeper.class)).put("kept", (AutoCloseable) NEVER::await);
        }
    }

    @ExtendWith(Keeper.class)
    static class Extended {

        @Test
        @WatchdogLimit(SOON)
        void isOver() {}
    }

    @Test
    void aTestMayHangBeforeItBeginsAndAfterItHasEnded() {
        run.assertHung("isNeverMade()", "WatchdogTest$Made.<init>");
        run.assertHung("neverComesToItsTest()", "WatchdogTest$Before.hangs");
        run.assertHung("isDone()", "WatchdogTest$After.hangs");
        run.assertHung("isOver()", "CountDownLatch.await");
    }

    @Test
    void whatEndsATestThatHungIsNotDisturbed() {
        assertTrue(Before.undisturbed);
    }

    static class Dynamic {

        @TestFactory
        @WatchdogLimit(SOON)
        Stream<DynamicTest> factory() {
            return Stream.of(dynamicTest("one", () -> {}), dynamicTest("two", NEVER::await),
                    dynamicTest("three", () -> {}));
        }
    }

    static class LateDynamic {

        @TestFactory
        @WatchdogLimit(SOON)
        Stream<DynamicTest> lateFactory() {
            return Stream.of("early", "late").map(name -> {
                while (name.equals("late") && !Thread.currentThread().isInterrupted()) {
                    LockSupport.park();
                }
                return dynamicTest(name, () -> {});
            });
        }
    }

    static class Repeated {

        @RepeatedTest(3)
        @WatchdogLimit(SOON)
        void times(RepetitionInfo info) throws Exception {
            if (info.getCurrentRepetition() == 2) {
                NEVER.await();
            }
        }
    }

    @Test
    void theOneOfManyThatHangsFails() {
        run.assertPassed("one");
        run.assertHung("two", "CountDownLatch.await");
        assertTrue(run.hung("two").getMessage().startsWith(Dynamic.class.getName() + ".factory \"two\" "));
        run.assertPassed("three");
        run.assertPassed("factory()");

        run.assertPassed("early");
        run.assertHung("lateFactory()", "LockSupport.park");

        run.assertPassed("repetition 1 of 3");
        run.assertHung("repetition 2 of 3", "WatchdogTest$Repeated.times");
        run.assertPassed("repetition 3 of 3");
    }

    @WatchdogLimit(SOON)
    static class WholeClass {

        @BeforeAll
        static void hangs() throws Exception {
            NEVER.await();
        }

        @Test
        void isNeverRun() {}
    }

    @Test
    void aClassFailsThatHangsBeforeItsTests() {
        run.assertHung("WatchdogTest$WholeClass", "WatchdogTest$WholeClass.hangs");
        assertFalse(run.outcomes().containsKey("isNeverRun()"));
    }

    @WatchdogLimit(SOON)
    static class LongTests {

        @Test
        @WatchdogLimit("PT3M")
        void longer() throws Exception {
            new CountDownLatch(1).await(1200, TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void theTimeOfAClassStandsStillWhileItsTestsRun() {
        run.assertPassed("longer()");
        run.assertPassed("WatchdogTest$LongTests");
    }

    static class VirtualThread {

        private static void inAVirtualThread() {
            try {
                NEVER.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Test
        @WatchdogLimit(SOON)
        void waitsForAVirtualThread() throws Exception {
            Thread virtual = Thread.ofVirtual().start(VirtualThread::inAVirtualThread);
            try {
                virtual.join();
            } finally {
                virtual.interrupt();
            }
        }
    }

    @Test
    void theReportHasTheStacksOfVirtualThreads() {
        run.assertHung("waitsForAVirtualThread()", "Thread.join");
        String report = run.hung("waitsForAVirtualThread()").report();
        assertTrue(report.contains("VirtualThread.inAVirtualThread"), report);
    }

    static class StubbornLoop {

        @Test
        @WatchdogLimit(SOON)
        void runsAgainAndAgain() throws Exception {
            try (Loop loop = new Loop()) {
                Pipe.pair(loop)[1].startRead((pipe, data, end) -> {});
                while (loop.alive()) {
                    loop.run();
                }
            }
        }

        @Test
        @WatchdogLimit(SOON)
        void closeHangs() throws Exception {
            // A system that has taken bytes and never says what has become of them.
            Kernel silent = new Meddler().answering("write", StreamChannel.IN_FLIGHT).over(Platform.kernel());
            try (Loop loop = KernelAccess.loop(silent)) {
                Pipe.pair(loop)[0].write(new byte[1]);
            }
        }
    }

    @Test
    void aLoopThatIsRunAgainAndAgainIsGivenUp() {
        run.assertHung("runsAgainAndAgain()", "io.panpipe.Loop.run");
        Throwable thrown = run.hung("runsAgainAndAgain()").getSuppressed()[0];
        assertEquals("this loop was given up", thrown.getMessage());
    }

    @Test
    void theCloseOfALoopThatDoesNotComeToItsEndIsGivenUp() {
        run.assertHung("closeHangs()", "io.panpipe.Loop.close");
        Throwable thrown = run.hung("closeHangs()").getSuppressed()[0];
        assertTrue(thrown.getMessage().startsWith("the close of this loop was given up"), thrown::toString);
    }

    static class AnotherThreadsLoop {

        @Test
        @WatchdogLimit(SOON)
        void loopIsRunElsewhere() throws Exception {
            try (Loop loop = new Loop()) {
                Pipe.pair(loop)[1].startRead((pipe, data, end) -> {});
                Thread running = Thread.ofPlatform().daemon().start(loop::run);
                while (running.isAlive()) {
                    try {
                        running.join();
                    } catch (InterruptedException ignored) {
                        // So only the loop can end this.
                    }
                }
            }
        }
    }

    @Test
    void aLoopOfAnotherThreadIsStoppedWhereNoOtherTestRuns() {
        Run alone = Run.onThisThread(AnotherThreadsLoop.class);
        alone.assertHung("loopIsRunElsewhere()", "Thread.join");
        assertEquals(0, alone.hung("loopIsRunElsewhere()").getSuppressed().length, "the test itself succeeds");
    }

    static class Beside {

        private static final CompletableFuture<Async> END = new CompletableFuture<>();

        @Test
        void runsItsLoop() throws Exception {
            try (Loop loop = new Loop()) {
                END.complete(new Async(loop, Async::close));
                assertFalse(loop.run(), "stopped");
            }
        }
    }

    @Test
    void theLoopOfATestBesideIsSpared() throws Exception {
        CompletableFuture<Run> beside = new CompletableFuture<>();
        Thread other = Thread.ofPlatform().start(() -> beside.complete(Run.onThisThread(Beside.class)));
        Async end = Beside.END.get(Patience.seconds(30).toSeconds(), TimeUnit.SECONDS);
        Run.onThisThread(ALoop.class).assertHung("aLoopThatNothingEnds()", "io.panpipe.Loop.run");
        end.send();
        other.join();
        beside.get().assertPassed("runsItsLoop()");
    }

    static class Endless {

        @Test
        void cannotBeEnded() {
            while (true) {
                try {
                    NEVER.await();
                } catch (InterruptedException ignored) {
                    // As nothing should.
                }
            }
        }
    }

    /** What a JVM for tests runs. */
    static class EndlessRun {

        public static void main(String[] arguments) {
            LauncherFactory.create().execute(
                    LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Endless.class)).build());
        }
    }

    @Test
    void whatCannotBeEndedEndsItsJvm() throws Exception {
        Process jvm = Patience.handOn(new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), "-D" + Watchdog.LIMIT + "=" + SOON,
                "-D" + Watchdog.GRACE + "=" + SOON, EndlessRun.class.getName()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String err = new String(jvm.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(Guards.HALTED, jvm.waitFor(), err);
        String last = err.lines().toList().getLast();
        assertTrue(last.matches("WATCHDOG: .*Endless\\.cannotBeEnded .* this JVM is halted"), err);
        assertTrue(err.contains("WatchdogTest$Endless.cannotBeEnded(WatchdogTest.java:"), err);
        assertTrue(err.contains("No loop is open."), err);
    }
}
