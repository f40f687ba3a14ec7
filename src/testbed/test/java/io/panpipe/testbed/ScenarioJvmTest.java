/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a test sees of a scenario that is well, fails, takes its process along, or hangs. */
@EnabledOnOs(OS.LINUX)
class ScenarioJvmTest {

    private static final ScenarioJvm CHILD = ScenarioJvm.of(Scenarios.class);

    @AfterAll
    static void end() {
        CHILD.close();
    }

    private static String pid() throws Exception {
        return CHILD.run("pid");
    }

    @Test
    void scenariosOfOneProcessHaveEachItsOutputAndArguments() throws Exception {
        String pid = pid();
        assertEquals("a  c\n", CHILD.run("arguments", "a", "", "c"));
        assertEquals("", CHILD.run("nothing"));
        assertEquals(pid, pid());
    }

    @Test
    void aFailureIsToldByItselfAndTheNextScenarioHasANewProcess() throws Exception {
        String pid = pid();
        AssertionError failure = assertThrows(AssertionError.class, () -> CHILD.run("fails"));
        assertTrue(failure.getMessage().startsWith("fails failed: "), failure::getMessage);
        assertTrue(failure.getMessage().contains("IllegalStateException: on purpose"), failure::getMessage);
        assertTrue(failure.getMessage().contains("at " + Scenarios.class.getName() + ".fails("), failure::getMessage);
        assertNotEquals(pid, pid());
    }

    @Test
    void aProcessThatEndsIsAFailureAlthoughItsStatusIsZero() throws Exception {
        AssertionError failure = assertThrows(AssertionError.class, () -> CHILD.run("exits"));
        assertEquals("exits failed, and its process has ended: last words\n", failure.getMessage());
        assertTrue(Long.parseLong(pid()) > 0);
    }

    @Test
    void aScenarioThatIsGivenUpIsNotInTheWayOfTheNext() throws Exception {
        ScenarioJvm.Task hanging = CHILD.start("hangs");
        hanging.awaitText("begun\n");
        assertEquals("x\n", CHILD.run("arguments", "x"));
        assertNotEquals(Long.toString(hanging.pid()), pid());
    }

    @Test
    void whatHangsShowsItsStacks() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                QuickJvm.command(ScenarioMain.class, Scenarios.class.getName(), "hangs"));
        try (ChildProcess child = new ChildProcess(builder)) {
            assertTrue(child.awaitText(() -> child.text().equals("begun\n")), child::text);
            String text = child.killed();
            assertTrue(text.contains("at " + Scenarios.class.getName() + ".hangs("), text);
            assertTrue(child.hasEnded());
        }
    }

    /** Run in the child. */
    static final class Scenarios {

        private Scenarios() {}

        static void pid() {
            System.out.print(ProcessHandle.current().pid());
        }

        static void arguments(String... arguments) {
            System.out.println(String.join(" ", arguments));
        }

        static void nothing() {
            assert ScenarioMain.arguments().isEmpty();
        }

        static void fails() {
            throw new IllegalStateException("on purpose");
        }

        static void exits() {
            System.out.println("last words");
            System.exit(0);
        }

        static void hangs() {
            System.out.println("begun");
            new CompletableFuture<>().join();
        }
    }
}
