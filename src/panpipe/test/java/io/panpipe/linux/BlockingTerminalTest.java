/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.given;
import static io.panpipe.linux.Scenario.isOpen;
import static io.panpipe.linux.Scenario.later;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.testbed.ScenarioJvm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Blocking terminals that cannot be opened a second time, which helper threads read and write: poll(2) promises what the call
 * does not keep.
 */
@EnabledOnOs(OS.LINUX)
class BlockingTerminalTest {

    /** A pseudo-terminal's master cannot be opened a second time; nobody reads its slave. */
    private static final String MASTER = """
            import tty
            master, slave = os.openpty()
            tty.setraw(slave)
            give(master, 0)
            give(slave, 1)
            """;

    private static final ScenarioJvm CHILD = new Child().shared(Scenarios.class);

    @AfterAll
    static void end() {
        CHILD.close();
    }

    @Test
    void closeEndsAThreadThatIsInsideAWrite() throws Exception {
        CHILD.run("closeInsideWrite");
    }

    @Test
    void theLoopsCloseEndsAThreadThatIsInsideAWrite() throws Exception {
        CHILD.run("closeLoopInsideWrite");
    }

    @Test
    void aThreadThatSomebodyInterruptsSleepsOn() throws Exception {
        CHILD.run("interrupted");
    }

    @Test
    void signalsThatWereBlockedWhenTheProcessBeganDoNotKeepAThread() throws Exception {
        new Child().run(Special.class, "blockedSignals");
    }

    @Test
    void closeEndsAThreadThatIsInsideARead() throws Exception {
        assumeTrue(Child.hasProgram("strace"), "strace delays system calls");
        ProcessBuilder builder = new Child().process(Special.class, "closeInsideRead");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null", "-P", "/dev/ptmx",
                "-P", "/dev/pts/ptmx", "-e", "trace=read", "-e", "inject=read:delay_enter=20000"));
        command.addAll(builder.command());
        Child.run(builder.command(command));
    }

    @Test
    void theEndOfATerminalIsNotItsLast() throws Exception {
        new Child().run(Special.class, "terminalEnd");
    }

    /** Writes more than the terminal takes; returns when it takes no more. */
    private static Pipe fill(Loop loop, List<String> log) throws Exception {
        Pipe master = open(loop, given(0));
        // Not in pieces that would fit exactly.
        master.write(new byte[500], (pipe, error) -> pass(error));
        master.write(new byte[1_000_000], (pipe, error) -> log.add("write " + error.code()));
        later(loop, 300, loop::stop);
        loop.run();
        check(log.isEmpty() && master.writeQueueSize() > 0, "the terminal is full");
        return master;
    }

    /** Run in one child, one after the other. */
    static final class Scenarios {

        private Scenarios() {}

        @Given(MASTER)
        static void closeInsideWrite() throws Exception {
            List<String> log = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                fill(loop, log).close(handle -> log.add("closed"));
                loop.run();
                checkEquals(List.of("write ECANCELED", "closed"), log);
            }
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(given(0)) && isOpen(given(1)), "closed");
        }

        @Given(MASTER)
        static void closeLoopInsideWrite() throws Exception {
            List<String> log = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                fill(loop, log);
            }
            checkEquals(List.of("write ECANCELED"), log);
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(given(0)), "closed");
        }

        @Given(MASTER)
        static void interrupted() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe master = open(loop, given(0));
                Pipe slave = open(loop, given(1));
                int[] got = new int[1];
                slave.startRead((pipe, data, error) -> got[0] += data.remaining());
                master.write(new byte[1], (pipe, error) -> pass(error));
                while (got[0] < 1) {
                    loop.run(RunMode.ONCE);
                }
                Thread writer = Scenario.helperThreads().stream()
                        .filter(thread -> thread.getName().startsWith("panpipe-write"))
                        .findFirst()
                        .orElseThrow();
                writer.interrupt();
                // As long as it stays interrupted it cannot sleep.
                while (writer.isInterrupted()) {
                    Thread.onSpinWait();
                }
                master.write(new byte[1], (pipe, error) -> pass(error));
                while (got[0] < 2) {
                    loop.run(RunMode.ONCE);
                }
            }
            Scenario.checkNoHelperThreadLeft();
        }
    }

    /** Run in a child each, because of what surrounds them. */
    static final class Special {

        private Special() {}

        @Given(MASTER + "\nimport signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(35, 65))")
        static void blockedSignals() throws Exception {
            Scenarios.closeInsideWrite();
        }

        @Given(MASTER + "\ngive(master, 2)")
        static void closeInsideRead() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe master = open(loop, given(0));
                Pipe slave = open(loop, given(1));
                int[] got = new int[1];
                master.startRead((pipe, data, error) -> got[0] += data.remaining());
                // Both threads are told of the same byte, and one of them comes too late.
                Pipe rival = open(loop, given(2));
                rival.startRead((pipe, data, error) -> got[0] += data.remaining());
                for (int i = 1; i <= 3; i++) {
                    slave.write(new byte[1], (pipe, error) -> pass(error));
                    while (got[0] < i) {
                        loop.run(RunMode.ONCE);
                    }
                }
                rival.close();
                master.close();
                loop.run(RunMode.NOWAIT);
                // The other end is still open.
                Scenario.checkNoHelperThreadLeft();
                check(!isOpen(given(0)) && !isOpen(given(2)), "closed");
            }
        }

        /** The controlling terminal, which cannot be opened a second time either. */
        @Given("""
                import signal, termios
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                if os.fork():
                    os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
                os.setsid()
                master, slave = os.openpty()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                modes = termios.tcgetattr(slave)
                modes[3] &= ~termios.ECHO
                termios.tcsetattr(slave, termios.TCSANOW, modes)
                give(master, 0)
                give(os.open("/dev/tty", os.O_RDWR), 1)
                """)
        static void terminalEnd() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe master = open(loop, given(0));
                Pipe terminal = open(loop, given(1));
                List<String> log = new ArrayList<>();
                for (String typed : List.of("\u0004", "one\n", "\u0004", "\u0004", "two\n")) {
                    int before = log.size();
                    terminal.startRead((pipe, data, error) -> {
                        log.add(data != null ? StandardCharsets.UTF_8.decode(data).toString() : error.code().name());
                        pipe.stopRead();
                    });
                    master.write(typed.getBytes(StandardCharsets.UTF_8), (pipe, error) -> pass(error));
                    while (log.size() == before) {
                        loop.run(RunMode.ONCE);
                    }
                }
                checkEquals(List.of("EOF", "one\n", "EOF", "EOF", "two\n"), log);
            }
            Scenario.checkNoHelperThreadLeft();
        }
    }
}
