/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.checkFails;
import static io.panpipe.linux.Scenario.isNonBlocking;
import static io.panpipe.linux.Scenario.isOpen;
import static io.panpipe.linux.Scenario.later;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static io.panpipe.linux.Scenario.pump;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Blocking descriptors that another user opened: /proc/self/fd refuses to open them a second time, so helper threads
 * read and write.
 */
@EnabledOnOs(OS.LINUX)
class HelperThreadTest {

    private static final String PIPE = "r, w = os.pipe(); give(r, 50); give(w, 51)";

    private static void run(String scenario) throws Exception {
        new Child().python(PIPE).asNobody().run(Scenarios.class, scenario);
    }

    @Test
    void dataFlowsAndTheLoopIsNotHeldUp() throws Exception {
        run("flow");
    }

    @Test
    void readsOfEveryLengthArrive() throws Exception {
        run("growingReads");
    }

    @Test
    void closeEndsThreadsThatWaitAndCancelsTheirWrites() throws Exception {
        run("closeWhileWaiting");
    }

    @Test
    void stopReadHoldsDataBack() throws Exception {
        run("stopRead");
    }

    @Test
    void detachIsPossibleUntilThreadsAreAtWork() throws Exception {
        run("detach");
    }

    @Test
    void aPipeWithoutReaderIsEpipe() throws Exception {
        run("brokenPipe");
    }

    @Test
    void aTryWriteThatFailsInFlightReachesTheHandler() throws Exception {
        run("brokenTryWrite");
    }

    @Test
    void aTryWriteThatFailsInFlightIsToldByTheWriteBehindIt() throws Exception {
        run("brokenWriteBehindTryWrite");
    }

    @Test
    void theEndOfTheLoopEndsTheThreads() throws Exception {
        run("closeLoop");
    }

    /** A pseudo-terminal's master cannot be opened a second time; nobody reads its slave. */
    private static final String MASTER = """
            import tty
            master, slave = os.openpty()
            tty.setraw(slave)
            give(master, 50)
            give(slave, 51)
            """;

    @Test
    void closeEndsAThreadThatIsInsideAWrite() throws Exception {
        new Child().python(MASTER).run(Scenarios.class, "closeInsideWrite");
    }

    @Test
    void theLoopsCloseEndsAThreadThatIsInsideAWrite() throws Exception {
        new Child().python(MASTER).run(Scenarios.class, "closeLoopInsideWrite");
    }

    @Test
    void signalsThatWereBlockedWhenTheProcessBeganDoNotKeepAThread() throws Exception {
        String blocked = MASTER + "\nimport signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(35, 65))";
        new Child().python(blocked).run(Scenarios.class, "closeInsideWrite");
    }

    @Test
    void closeEndsAThreadThatIsInsideARead() throws Exception {
        assumeTrue(Child.hasProgram("strace"), "strace delays system calls");
        ProcessBuilder builder = new Child().python(MASTER + "\ngive(master, 52)")
                .process(Scenarios.class, "closeInsideRead")
                .redirectErrorStream(true);
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null", "-P", "/dev/ptmx",
                "-P", "/dev/pts/ptmx", "-e", "trace=read", "-e", "inject=read:delay_enter=20000"));
        command.addAll(builder.command());
        Process process = builder.command(command).start();
        process.getOutputStream().close();
        Child.assertSucceeds(process, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void aThreadThatSomebodyInterruptsSleepsOn() throws Exception {
        new Child().python(MASTER).run(Scenarios.class, "interrupted");
    }

    @Test
    void theEndOfATerminalIsNotItsLast() throws Exception {
        // The controlling terminal, which cannot be opened a second time either.
        new Child().python("""
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
                give(master, 50)
                give(os.open("/dev/tty", os.O_RDWR), 51)
                """).run(Scenarios.class, "terminalEnd");
    }

    /** Run in the child. */
    static final class Scenarios {

        private Scenarios() {}

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        static void flow() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, 50);
                Pipe writer = open(loop, 51);
                checkEquals(50L, reader.fileno());
                pump(loop, writer, reader, 1_000_000);
            }
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(50) && !isOpen(51), "closed with their handles");
        }

        static void growingReads() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, 50);
                Pipe writer = open(loop, 51);
                List<Integer> sizes = new ArrayList<>();
                reader.startRead((pipe, data, error) -> {
                    if (data == null) {
                        pipe.close();
                        return;
                    }
                    sizes.add(data.remaining());
                    if (sizes.size() == 5) {
                        writer.close();
                    } else {
                        writer.write(new byte[data.remaining() * 3], (p, e) -> pass(e));
                    }
                });
                writer.write(bytes("x"), (p, e) -> pass(e));
                loop.run();
                checkEquals(List.of(1, 3, 9, 27, 81), sizes);
                check(!Scenario.helperThreads().isEmpty() || loop.handles().isEmpty(), "helpers did it");
            }
        }

        static void closeWhileWaiting() throws Exception {
            List<String> log = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, 50);
                Pipe writer = open(loop, 51);
                writer.write(new byte[1_000_000], (pipe, error) -> log.add("write " + error.code()));
                writer.write(new byte[1], (pipe, error) -> log.add("write " + error.code()));
                later(loop, 10, () -> {
                    check(writer.writeQueueSize() > 0, "the pipe is full");
                    writer.close(handle -> log.add("closed"));
                    checkEquals(List.of(), log);
                });
                loop.run();
                checkEquals(List.of("write ECANCELED", "write ECANCELED", "closed"), log);
                reader.startRead((pipe, data, error) -> {
                    if (data == null) {
                        pipe.close();
                    }
                });
                loop.run();
                check(reader.closed(), "it saw the end");
            }
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(50) && !isOpen(51), "closed");
        }

        static void stopRead() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, 50);
                Pipe writer = open(loop, 51);
                List<String> got = new ArrayList<>();
                reader.startRead((pipe, data, error) -> {
                    throw new AssertionError("called after stopRead");
                });
                reader.stopRead();
                writer.write(bytes("waits"), (pipe, error) -> pass(error));
                later(loop, 20, () -> reader.startRead((pipe, data, error) -> {
                    got.add(StandardCharsets.UTF_8.decode(data).toString());
                    pipe.close();
                    writer.close();
                }));
                loop.run();
                checkEquals(List.of("waits"), got);
            }
            Scenario.checkNoHelperThreadLeft();
        }

        static void detach() throws Exception {
            try (Loop loop = Scenario.loop()) {
                checkEquals(51L, open(loop, 51).detach());
                loop.run();
                Pipe reader = open(loop, 50);
                reader.startRead((pipe, data, error) -> {});
                loop.run(RunMode.NOWAIT);
                checkFails(ErrorCode.EBUSY, reader::detach);
                check(!reader.closed(), "it goes on");
            }
            check(isOpen(51) && !isNonBlocking(51), "given back as it was");
        }

        static void brokenPipe() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe writer = open(loop, 51);
                open(loop, 50).close();
                loop.run();
                List<ErrorCode> codes = new ArrayList<>();
                writer.write(new byte[10_000], (pipe, error) -> codes.add(error.code()));
                writer.write(new byte[1], (pipe, error) -> codes.add(error.code()));
                loop.run();
                checkEquals(List.of(ErrorCode.EPIPE, ErrorCode.EPIPE), codes);
            }
            Scenario.checkNoHelperThreadLeft();
        }

        static void brokenTryWrite() throws Exception {
            List<ErrorCode> codes = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                loop.uncaughtExceptionHandler((itself, thrown) -> codes.add(((PanpipeException) thrown).code()));
                Pipe writer = open(loop, 51);
                open(loop, 50).close();
                loop.run();
                checkEquals(4, writer.tryWrite(bytes("lost")));
                loop.run();
            }
            checkEquals(List.of(ErrorCode.EPIPE), codes);
            Scenario.checkNoHelperThreadLeft();
        }

        static void brokenWriteBehindTryWrite() throws Exception {
            List<ErrorCode> codes = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                loop.uncaughtExceptionHandler((itself, thrown) -> check(false, thrown));
                Pipe writer = open(loop, 51);
                open(loop, 50).close();
                loop.run();
                checkEquals(4, writer.tryWrite(bytes("lost")));
                writer.write(bytes("also lost"), (pipe, error) -> codes.add(error.code()));
                loop.run();
            }
            checkEquals(List.of(ErrorCode.EPIPE), codes);
            Scenario.checkNoHelperThreadLeft();
        }

        private static Thread helper(String direction) {
            return Scenario.helperThreads().stream()
                    .filter(thread -> thread.getName().startsWith("panpipe-" + direction))
                    .findFirst()
                    .orElseThrow();
        }

        /** Writes more than the terminal takes; returns when it takes no more. */
        private static Pipe fill(Loop loop, List<String> log) throws Exception {
            Pipe master = open(loop, 50);
            // Not in pieces that would fit exactly.
            master.write(new byte[500], (pipe, error) -> pass(error));
            master.write(new byte[1_000_000], (pipe, error) -> log.add("write " + error.code()));
            later(loop, 300, loop::stop);
            loop.run();
            check(log.isEmpty() && master.writeQueueSize() > 0, "the terminal is full");
            return master;
        }

        static void closeInsideWrite() throws Exception {
            List<String> log = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                fill(loop, log).close(handle -> log.add("closed"));
                loop.run();
                checkEquals(List.of("write ECANCELED", "closed"), log);
            }
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(50) && isOpen(51), "closed");
        }

        static void closeLoopInsideWrite() throws Exception {
            List<String> log = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                fill(loop, log);
            }
            checkEquals(List.of("write ECANCELED"), log);
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(50), "closed");
        }

        static void closeInsideRead() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe master = open(loop, 50);
                Pipe slave = open(loop, 51);
                int[] got = new int[1];
                master.startRead((pipe, data, error) -> got[0] += data.remaining());
                // Both threads are told of the same byte, and one of them comes too late.
                Pipe rival = open(loop, 52);
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
                check(!isOpen(50) && !isOpen(52), "closed");
            }
        }

        static void interrupted() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe master = open(loop, 50);
                Pipe slave = open(loop, 51);
                int[] got = new int[1];
                slave.startRead((pipe, data, error) -> got[0] += data.remaining());
                master.write(bytes("x"), (pipe, error) -> pass(error));
                while (got[0] < 1) {
                    loop.run(RunMode.ONCE);
                }
                Thread writer = helper("write");
                writer.interrupt();
                // As long as it stays interrupted it cannot sleep.
                while (writer.isInterrupted()) {
                    Thread.onSpinWait();
                }
                master.write(bytes("y"), (pipe, error) -> pass(error));
                while (got[0] < 2) {
                    loop.run(RunMode.ONCE);
                }
            }
            Scenario.checkNoHelperThreadLeft();
        }

        static void terminalEnd() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe master = open(loop, 50);
                Pipe terminal = open(loop, 51);
                List<String> log = new ArrayList<>();
                for (String typed : List.of("\u0004", "one\n", "\u0004", "\u0004", "two\n")) {
                    int before = log.size();
                    terminal.startRead((pipe, data, error) -> {
                        log.add(data != null ? StandardCharsets.UTF_8.decode(data).toString() : error.code().name());
                        pipe.stopRead();
                    });
                    master.write(bytes(typed), (pipe, error) -> pass(error));
                    while (log.size() == before) {
                        loop.run(RunMode.ONCE);
                    }
                }
                checkEquals(List.of("EOF", "one\n", "EOF", "EOF", "two\n"), log);
            }
            Scenario.checkNoHelperThreadLeft();
        }

        static void closeLoop() throws Exception {
            List<String> log = new ArrayList<>();
            var before = Scenario.descriptors();
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, 50);
                Pipe writer = open(loop, 51);
                writer.write(new byte[1_000_000], (pipe, error) -> log.add("write " + error.code()));
                reader.startRead((pipe, data, error) -> pipe.stopRead());
                later(loop, 5, loop::stop);
                loop.run();
            }
            // EPIPE where the reader was closed first and the writer has noticed.
            check(log.equals(List.of("write ECANCELED")) || log.equals(List.of("write EPIPE")), log);
            Scenario.checkNoHelperThreadLeft();
            before.remove(50);
            before.remove(51);
            checkEquals(before, Scenario.descriptors());
        }
    }
}
