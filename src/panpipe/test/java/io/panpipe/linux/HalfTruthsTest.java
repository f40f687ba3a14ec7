/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.given;
import static io.panpipe.linux.Scenario.later;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import io.panpipe.channels.LoopThread;
import io.panpipe.channels.PipeChannel;
import io.panpipe.channels.PipeServerChannel;
import io.panpipe.testbed.ScenarioJvm;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What Linux says of "nothing", "end" and "ready" and does not mean: nothing is lost and nothing spins all the same. */
@EnabledOnOs(OS.LINUX)
class HalfTruthsTest {

    private static final ScenarioJvm CHILD = new Child().shared(Scenarios.class);

    @AfterAll
    static void end() {
        CHILD.close();
    }

    @Test
    void anUrgentByteLosesNothingOfWhatIsMovedInsideTheKernel() throws Exception {
        CHILD.run("urgent");
    }

    @Test
    void whatWaitsInASocketsErrorQueueDoesNotMakeTheLoopSpin() throws Exception {
        // IP_RECVERR is 11; SO_TIMESTAMPING is 37, here for what is sent, by software, without the data.
        CHILD.run("errorQueue");
    }

    @Test
    void aFifoWhoseWriterIsGoneAlreadyHasAnEnd() throws Exception {
        CHILD.run("fifo");
    }

    @Test
    void aPidfdThatComesWithAMessageIsClosed() throws Exception {
        CHILD.run("pidfd");
    }

    @Test
    void aDescriptorThatSomebodyClosedFailsItsHandleAlone() throws Exception {
        CHILD.run("closedBehind");
    }

    @Test
    void whoWaitsForClientsOfAServerThatSomebodyClosedIsTold() throws Exception {
        CHILD.run("serverClosedBehind");
    }

    @Test
    void aDescriptorThatIsAnotherFileByNowIsLeftAlone() throws Exception {
        CHILD.run("takenBehind");
    }

    @Test
    void aNumberThatIsAnotherHandlesByNowServesThatAlone() throws Exception {
        CHILD.run("sameNumber");
    }

    @Test
    void aNumberOfABlockingTerminalThatIsAnotherHandlesByNowServesThatAlone() throws Exception {
        CHILD.run("sameNumberOfATerminal");
    }

    @Test
    void aFileThatLivesOnInADuplicateDoesNotMakeTheLoopSpin() throws Exception {
        CHILD.run("duplicateBehind");
    }

    @Test
    void aWriteThatFindsNoBufferIsTriedAgain() throws Exception {
        straced("trickle", "sendto:error=ENOBUFS:when=3..8");
    }

    @Test
    void aWriteThatFindsNoMemoryEndsTheStreamsWriting() throws Exception {
        straced("broken", "sendto:error=ENOMEM:when=3");
    }

    private static void straced(String scenario, String fault) throws Exception {
        assumeTrue(Child.hasProgram("strace"), "strace makes system calls fail");
        ProcessBuilder builder = new Child().process(Scenarios.class, scenario).redirectErrorStream(true);
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null",
                "-e", "trace=sendto", "-e", "inject=" + fault));
        command.addAll(builder.command());
        Process process = builder.command(command).start();
        process.getOutputStream().close();
        Child.assertSucceeds(process, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** Run in the child. */
    static final class Scenarios {

        /** A loop that has nothing to do but for a timer makes a handful of turns. */
        private static final int HANDFUL = 60;

        private Scenarios() {}

        /** Lets a loop run for a while, in which it should have nothing to do. */
        private static void checkQuiet(Loop loop) {
            later(loop, 300, loop::stop);
            long before = loop.metrics().iterations();
            loop.run();
            long turns = loop.metrics().iterations() - before;
            check(turns < HANDFUL, "the loop spins: " + turns + " turns");
        }

        /** Something that comes true while the loop runs. */
        private interface Outcome {
            boolean isThere();
        }

        private static void runUntil(Loop loop, Outcome outcome) {
            while (!outcome.isThere()) {
                loop.run(RunMode.ONCE);
            }
        }

        /** One connection whose accepted end is copied to a pipe. */
        private static final class Copied {
            final Socket peer;
            final List<String> ends = new ArrayList<>();
            long arrived;

            Copied(Loop loop) throws Exception {
                Pipe[] out = Pipe.pair(loop);
                out[1].startRead((pipe, data, error) -> {
                    if (data != null) {
                        arrived += data.remaining();
                    } else {
                        ends.add("sink " + error.code());
                    }
                });
                Tcp server = new Tcp(loop);
                server.bind(new InetSocketAddress("127.0.0.1", 0));
                server.listen((listener, error) -> {
                    pass(error);
                    Tcp connection = new Tcp(loop);
                    listener.accept(connection);
                    listener.close();
                    connection.pipeTo(out[0], (source, failed) -> ends.add("copied " + failed));
                });
                peer = new Socket("127.0.0.1", server.localAddress().getPort());
                peer.setTcpNoDelay(true);
            }

            void send(int bytes) throws Exception {
                peer.getOutputStream().write(new byte[bytes]);
            }
        }

        static void urgent() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Copied goesOn = new Copied(loop);
                goesOn.send(50_000);
                runUntil(loop, () -> goesOn.arrived == 50_000);
                goesOn.send(8192);
                goesOn.peer.sendUrgentData('!');
                goesOn.send(10_000);
                later(loop, 20, loop::stop);
                loop.run();
                checkQuiet(loop);
                checkEquals(68_192L, goesOn.arrived);
                goesOn.peer.sendUrgentData('!');
                checkQuiet(loop);
                goesOn.send(1);
                runUntil(loop, () -> goesOn.arrived == 68_193);

                Copied ends = new Copied(loop);
                ends.send(50_000);
                runUntil(loop, () -> ends.arrived == 50_000);
                ends.send(8192);
                ends.peer.sendUrgentData('!');
                ends.send(10_000);
                ends.peer.close();
                runUntil(loop, () -> ends.ends.size() == 2);
                checkEquals(68_192L, ends.arrived);
                check(ends.ends.contains("copied null") && ends.ends.contains("sink EOF"), ends.ends);
                goesOn.peer.close();
                runUntil(loop, () -> goesOn.ends.size() == 2);
                checkEquals(68_193L, goesOn.arrived);
            }
        }

        @Given("""
                u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                u.bind(("127.0.0.1", 0))
                u.setsockopt(socket.IPPROTO_IP, 11, 1)
                give(u, 0)
                x = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                x.bind(("127.0.0.1", 0))
                os.environ["NOBODY"] = str(x.getsockname()[1])
                l = socket.socket()
                l.bind(("127.0.0.1", 0))
                l.listen()
                c = socket.create_connection(l.getsockname())
                c.setsockopt(socket.SOL_SOCKET, 37, 2 | 16 | 1 << 11)
                give(c, 1)
                give(l.accept()[0], 2)
                """)
        static void errorQueue() throws Exception {
            try (Loop loop = Scenario.loop()) {
                List<String> log = new ArrayList<>();
                Udp udp = new Udp(loop);
                udp.open(given(0));
                udp.startRecv((itself, data, sender, error) ->
                        log.add(error != null ? error.code().name() : "data " + data.remaining()));
                var nobody = new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("NOBODY")));
                udp.send(ByteBuffer.wrap(new byte[3]), nobody, (itself, error) -> pass(error));
                later(loop, 20, loop::stop);
                loop.run();
                checkQuiet(loop);
                checkEquals(List.of("ECONNREFUSED"), log);
                // What stayed in the queue would leave no room for data.
                udp.receiveBufferSize(4096);
                for (int i = 2; i <= 50; i++) {
                    int goal = i;
                    udp.send(ByteBuffer.wrap(new byte[3]), nobody, (itself, error) -> pass(error));
                    runUntil(loop, () -> log.size() == goal);
                }
                udp.send(ByteBuffer.wrap(new byte[3]), udp.localAddress(), (itself, error) -> pass(error));
                runUntil(loop, () -> log.size() == 51);
                checkEquals("data 3", log.getLast());

                Tcp stamped = new Tcp(loop);
                stamped.open(given(1));
                Tcp peer = new Tcp(loop);
                peer.open(given(2));
                long[] got = new long[1];
                stamped.startRead((itself, data, error) -> got[0] += data.remaining());
                peer.startRead((itself, data, error) -> itself.write(data));
                stamped.write(new byte[100], (itself, error) -> pass(error));
                runUntil(loop, () -> got[0] == 100);
                checkQuiet(loop);
            }
        }

        @Given("""
                import tempfile
                def fifo(number, data):
                    with tempfile.TemporaryDirectory() as d:
                        p = d + "/f"
                        os.mkfifo(p)
                        r = os.open(p, os.O_RDONLY | os.O_NONBLOCK)
                        w = os.open(p, os.O_WRONLY)
                        fcntl.fcntl(w, 1031, 1 << 20)
                        os.write(w, data)
                        os.close(w)
                        os.set_blocking(r, True)
                        give(r, number)
                fifo(0, b"hello")
                fifo(1, b"x" * 300000)
                fifo(2, b"")
                """)
        static void fifo() throws Exception {
            try (Loop loop = Scenario.loop()) {
                List<String> log = new ArrayList<>();
                open(loop, given(0)).startRead((pipe, data, error) -> {
                    log.add(data != null ? StandardCharsets.UTF_8.decode(data).toString() : error.code().name());
                    if (data == null) {
                        pipe.close();
                    }
                });
                loop.run();
                checkEquals(List.of("hello", "EOF"), log);

                Pipe[] out = Pipe.pair(loop);
                long[] got = new long[1];
                out[1].startRead((pipe, data, error) -> {
                    if (data != null) {
                        got[0] += data.remaining();
                    } else {
                        pipe.close();
                    }
                });
                open(loop, given(1)).pipeTo(out[0], (source, error) -> {
                    pass(error);
                    source.close();
                    out[0].close();
                });
                loop.run();
                checkEquals(300_000L, got[0]);
                open(loop, given(2)).startRead((pipe, data, error) -> {
                    checkEquals(ErrorCode.EOF, error.code());
                    pipe.close();
                });
                loop.run();
            }
            for (int i = 0; i < 3; i++) {
                check(!Scenario.isOpen(given(i)), "closed with its handle");
            }
        }

        @Given("""
                a, b = socket.socketpair()
                try:
                    a.setsockopt(socket.SOL_SOCKET, 76, 1)
                    os.environ["PASSES"] = "yes"
                except OSError:
                    pass
                a.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
                give(a, 0)
                give(b, 1)
                """)
        static void pidfd() throws Exception {
            if (System.getenv("PASSES") == null) {
                return;
            }
            try (Loop loop = Scenario.loop()) {
                Pipe in = new Pipe(loop, true);
                in.open(given(0));
                Pipe out = new Pipe(loop, true);
                out.open(given(1));
                int[] messages = new int[1];
                in.startRead2((pipe, data, pending, error) -> {
                    pass(error);
                    while (pipe.pendingCount() > 0) {
                        Pipe received = new Pipe(loop);
                        pipe.accept(received);
                        received.close();
                    }
                    messages[0]++;
                });
                Pipe sent = Pipe.pair(loop)[0];
                var before = Scenario.descriptors();
                for (int i = 0; i < 10; i++) {
                    int goal = messages[0] + 1;
                    ByteBuffer one = ByteBuffer.wrap(new byte[1]);
                    if (i % 2 == 0) {
                        out.write(one);
                    } else {
                        out.write(one, (pipe, error) -> pass(error), sent);
                    }
                    runUntil(loop, () -> messages[0] == goal);
                }
                loop.run(RunMode.NOWAIT);
                checkEquals(before, Scenario.descriptors());
            }
        }

        /** Closes a descriptor as a stranger would: behind the handle that has it. */
        private static void closeBehind(int descriptor) throws Exception {
            try (Loop stranger = Scenario.loop()) {
                open(stranger, descriptor).close();
            }
        }

        /** Reads from and writes to the first descriptor until both are watched for. */
        private static Pipe victim(Loop loop, List<String> log) throws Exception {
            Pipe victim = open(loop, given(0));
            victim.startRead((pipe, data, error) -> log.add("read " + error.code()));
            loop.run(RunMode.NOWAIT);
            return victim;
        }

        /** Has the selector told of another interest: the peer does not read. */
        private static void fill(Pipe victim, List<String> log) {
            victim.write(new byte[2_000_000], (pipe, error) -> log.add("write " + error.code()));
        }

        private static void checkOthersGoOn(Loop loop) throws Exception {
            Pipe[] others = Pipe.pair(loop);
            int[] got = new int[1];
            others[1].startRead((pipe, data, error) -> got[0] += data.remaining());
            others[0].write(new byte[5], (pipe, error) -> pass(error));
            runUntil(loop, () -> got[0] == 5);
            others[0].close();
            others[1].close();
            loop.run(RunMode.NOWAIT);
        }

        @Given("a, b = socket.socketpair(); give(a, 0); give(b, 1)")
        static void closedBehind() throws Exception {
            try (Loop loop = Scenario.loop()) {
                List<String> log = new ArrayList<>();
                Pipe victim = victim(loop, log);
                fill(victim, log);
                loop.run(RunMode.NOWAIT);
                victim.stopRead();
                closeBehind(given(0));
                runUntil(loop, () -> !log.isEmpty());
                checkEquals(List.of("write EBADF"), log);
                checkOthersGoOn(loop);
                checkQuiet(loop);
                try {
                    victim.startRead((pipe, data, error) -> {});
                    throw new AssertionError("it has no descriptor");
                } catch (PanpipeException error) {
                    checkEquals(ErrorCode.EBADF, error.code());
                }
                victim.close(handle -> log.add("closed"));
                runUntil(loop, () -> log.contains("closed"));
            }
        }

        @Given("a, b = socket.socketpair(); give(a, 0); give(b, 1)")
        static void takenBehind() throws Exception {
            List<FileInputStream> files = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                List<String> log = new ArrayList<>();
                Pipe victim = victim(loop, log);
                fill(victim, log);
                loop.run(RunMode.NOWAIT);
                victim.stopRead();
                closeBehind(given(0));
                while (!Scenario.isOpen(given(0))) {
                    files.add(new FileInputStream("/dev/null"));
                }
                runUntil(loop, () -> !log.isEmpty());
                checkEquals(List.of("write EBADF"), log);
                checkOthersGoOn(loop);
                victim.close();
                loop.run(RunMode.NOWAIT);
                check(Scenario.isOpen(given(0)), "the file that has the number now was closed");
            } finally {
                for (FileInputStream file : files) {
                    file.close();
                }
            }
        }

        /** Makes a pair of pipes of which one has the number of a descriptor that was closed. */
        private static Pipe[] pairAt(Loop loop, int number, List<FileInputStream> files) throws Exception {
            while (true) {
                Pipe[] pair = Pipe.pair(loop);
                if (pair[0].fileno() == number || pair[1].fileno() == number) {
                    return pair[0].fileno() == number ? pair : new Pipe[] {pair[1], pair[0]};
                }
                check(Math.min(pair[0].fileno(), pair[1].fileno()) < number, "the number is free");
                pair[0].close();
                pair[1].close();
                loop.run(RunMode.NOWAIT);
                files.add(new FileInputStream("/dev/null"));
            }
        }

        static void serverClosedBehind() throws Exception {
            try (LoopThread thread = new LoopThread()) {
                Loop loop = thread.loop();
                PipeServerChannel server = PipeServerChannel.bind(loop, "\0" + UUID.randomUUID());
                long descriptor = on(loop, () -> loop.handles().stream()
                        .filter(Pipe.class::isInstance).map(Pipe.class::cast).findFirst().orElseThrow().fileno());
                List<CompletableFuture<PipeChannel>> waiting = List.of(server.acceptAsync(), server.acceptAsync());
                closeBehind((int) descriptor);
                on(loop, () -> takeNumber(loop, descriptor));
                for (CompletableFuture<PipeChannel> each : waiting) {
                    checkLost(each);
                }
                checkLost(server.acceptAsync());
            }
        }

        private static <T> T on(Loop loop, Callable<T> call) throws Exception {
            FutureTask<T> task = new FutureTask<>(call);
            loop.execute(task);
            return task.get();
        }

        /** Makes pipes until one has a number: that tells of the handle that had it. */
        private static Pipe takeNumber(Loop loop, long number) throws Exception {
            while (true) {
                for (Pipe pipe : Pipe.pair(loop)) {
                    if (pipe.fileno() == number) {
                        return pipe;
                    }
                }
            }
        }

        private static void checkLost(CompletableFuture<PipeChannel> accepting) throws Exception {
            try {
                accepting.get();
                throw new AssertionError("there is no descriptor to accept with");
            } catch (ExecutionException failed) {
                checkEquals(ErrorCode.EBADF, ((PanpipeException) failed.getCause()).code());
            }
        }

        private static void displace(boolean terminal) throws Exception {
            List<FileInputStream> files = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                List<String> log = new ArrayList<>();
                Pipe victim = victim(loop, log);
                if (terminal) {
                    victim.write(new byte[500_000], (pipe, error) -> log.add("write " + error.code()));
                }
                loop.run(RunMode.NOWAIT);
                closeBehind(given(0));
                Pipe[] pair = pairAt(loop, given(0), files);
                StringBuilder got = new StringBuilder();
                pair[0].startRead((pipe, data, error) -> got.append(StandardCharsets.UTF_8.decode(data)));
                pair[1].write("for another".getBytes(StandardCharsets.UTF_8), (pipe, error) -> pass(error));
                runUntil(loop, () -> got.length() == 11 && log.size() == (terminal ? 2 : 1));
                check(log.contains("read EBADF"), log);
                check(!terminal || log.contains("write EBADF"), log);
                checkQuiet(loop);
                victim.close(handle -> log.add("closed"));
                runUntil(loop, () -> log.contains("closed"));
                check(Scenario.isOpen(given(0)), "another's descriptor was closed");
                pair[1].write("more".getBytes(StandardCharsets.UTF_8), (pipe, error) -> pass(error));
                runUntil(loop, () -> got.length() == 15);
            } finally {
                for (FileInputStream file : files) {
                    file.close();
                }
            }
            Scenario.checkNoHelperThreadLeft();
        }

        @Given("a, b = socket.socketpair(); give(a, 0); give(b, 1)")
        static void sameNumber() throws Exception {
            displace(false);
        }

        @Given("""
                import tty
                m, s = os.openpty()
                tty.setraw(s)
                give(m, 0)
                give(s, 1)
                """)
        static void sameNumberOfATerminal() throws Exception {
            displace(true);
        }

        @Given("a, b = socket.socketpair(); give(a, 0); give(b, 1); give(a, 2)")
        static void duplicateBehind() throws Exception {
            try (Loop loop = Scenario.loop(); Loop other = Scenario.loop()) {
                List<String> log = new ArrayList<>();
                Pipe victim = victim(loop, log);
                closeBehind(given(0));
                open(other, given(1)).write(new byte[3]);
                other.run(RunMode.NOWAIT);
                runUntil(loop, () -> !log.isEmpty());
                checkEquals(List.of("read EBADF"), log);
                later(loop, 20, loop::stop);
                loop.run();
                checkQuiet(loop);
                victim.close();
                checkOthersGoOn(loop);
            }
        }

        static void trickle() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop);
                ByteBuffer got = ByteBuffer.allocate(1000);
                pair[1].startRead((pipe, data, error) -> {
                    if (data != null) {
                        got.put(data);
                    } else {
                        pipe.close();
                    }
                });
                for (int i = 0; i < 10; i++) {
                    pair[0].write(new byte[] {(byte) i}, (pipe, error) -> pass(error));
                    loop.run(RunMode.NOWAIT);
                }
                pair[0].shutdown((pipe, error) -> {
                    pass(error);
                    pipe.close();
                });
                loop.run();
                checkEquals(ByteBuffer.wrap(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), got.flip());
            }
        }

        static void broken() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop);
                List<String> log = new ArrayList<>();
                StringBuilder got = new StringBuilder();
                pair[1].startRead((pipe, data, error) -> {
                    if (data != null) {
                        got.append(StandardCharsets.UTF_8.decode(data));
                    } else {
                        pipe.close();
                    }
                });
                for (int i = 0; i < 5; i++) {
                    pair[0].write(Integer.toString(i).getBytes(StandardCharsets.UTF_8),
                            (pipe, error) -> log.add(error == null ? "sent" : error.code().name()));
                    loop.run(RunMode.NOWAIT);
                }
                check(!pair[0].writable(), "writable");
                pair[0].close();
                loop.run();
                checkEquals(List.of("sent", "sent", "ENOMEM", "EPIPE", "EPIPE"), log);
                checkEquals("01", got.toString());
            }
        }
    }
}
