/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.given;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.testbed.ScenarioJvm;
import io.panpipe.testbed.ScenarioMain;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Copying by splice(2): that it happens, what it does not happen to, and what becomes of it when Linux refuses. */
@EnabledOnOs(OS.LINUX)
class SpliceTest {

    private static final Pattern SPLICED = Pattern.compile("splice\\(.*= (\\d+)$");

    @TempDir
    private Path directory;

    private static ScenarioJvm traced;
    private static Path trace;

    @BeforeAll
    static void begin(@TempDir Path place) {
        trace = place.resolve("trace");
        traced = new ScenarioJvm(() -> strace(trace, new Child().process(Scenarios.class)));
    }

    @AfterAll
    static void end() {
        traced.close();
    }

    private static ProcessBuilder strace(Path trace, ProcessBuilder builder, String... more) {
        assumeTrue(Child.hasProgram("strace"), "strace sees the system calls");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "--seccomp-bpf", "-qq", "-o", trace.toString(),
                "-e", "trace=splice,/^readlink"));
        command.addAll(List.of(more));
        command.addAll(builder.command());
        return builder.command(command);
    }

    /** Runs a scenario under strace; returns how many bytes were spliced, those into a pipe and those out of it. */
    private static long spliced(String scenario) throws Exception {
        traced.run(scenario);
        List<String> lines = Files.readAllLines(trace);
        // strace has written the lines of a call before that returns.
        int begin = lines.size() - 1;
        while (!lines.get(begin).contains('"' + Scenarios.MARK + scenario + '"')) {
            begin--;
        }
        return spliced(lines.subList(begin, lines.size()));
    }

    /** As {@link #spliced(String)}, in a process of its own, with a limit or with more arguments for strace. */
    private long spliced(Child child, String scenario, String... more) throws Exception {
        Path own = directory.resolve("trace");
        Child.run(strace(own, child.process(Scenarios.class, scenario), more));
        return spliced(Files.readAllLines(own));
    }

    private static long spliced(List<String> lines) {
        long bytes = 0;
        for (String line : lines) {
            Matcher matcher = SPLICED.matcher(line);
            bytes += matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        }
        return bytes;
    }

    @Test
    void muchIsSpliced() throws Exception {
        long bytes = spliced("sockets");
        // Once in and once out, but for what was read before it was known to be much.
        assertTrue(bytes > Scenarios.MUCH, () -> bytes + " bytes");
    }

    @Test
    void muchIsSplicedOverTcp() throws Exception {
        long bytes = spliced("tcp");
        assertTrue(bytes > Scenarios.MUCH, () -> bytes + " bytes");
    }

    @Test
    void smallMessagesAreCopied() throws Exception {
        assertEquals(0, spliced("smallMessages"));
    }

    @Test
    void fifosAreSpliced() throws Exception {
        long bytes = spliced("fifos");
        assertTrue(bytes > Scenarios.MUCH, () -> bytes + " bytes");
    }

    @Test
    void socketsThatMayBlockAreCopied() throws Exception {
        assertEquals(0, spliced("adopted"));
    }

    @Test
    void aSocketThatOthersGetInTheMiddleIsCopiedFromThen() throws Exception {
        assertTrue(spliced("exposedWhileFull") > 0, "it was spliced before");
    }

    @Test
    void aSystemWithoutSpliceCopies() throws Exception {
        assertEquals(0, spliced(new Child(), "sockets", "-e", "inject=splice:error=ENOSYS"));
        assertEquals(0, spliced(new Child(), "sockets", "-e", "inject=splice:error=EPERM"));
    }

    @Test
    void whatASinkDoesNotSpliceIsNotLost() throws Exception {
        // The second call is the first out of the pipe.
        long bytes = spliced(new Child(), "sockets", "-e", "inject=splice:error=EINVAL:when=2");
        assertTrue(bytes > 0 && bytes <= 64 * 1024, () -> bytes + " bytes went into the pipe, and none came out");
    }

    @Test
    void copyingGoesOnWithoutDescriptors() throws Exception {
        assertEquals(0, spliced(new Child().shell("ulimit -n 100"), "outOfDescriptors"));
    }

    @Test
    void onlySlowSinksHoldPipes() throws Exception {
        spliced("slowSinks");
    }

    /** Run in the child. */
    static final class Scenarios {

        static final int MUCH = 3_000_000;

        /** The beginning of what is no file, but seen in a trace. */
        static final String MARK = "/panpipe-test-";

        private Scenarios() {}

        private static void mark() throws IOException {
            try {
                Files.readSymbolicLink(Path.of(MARK + ScenarioMain.running().getName()));
                throw new AssertionError("there is such a file");
            } catch (NoSuchFileException expected) {
                return;
            }
        }

        /** Copies much from one pair to another, and checks what arrives. */
        private static void copy(Loop loop, Pipe[] in, Pipe[] out) throws Exception {
            byte[] data = Scenario.pattern(MUCH);
            ByteBuffer got = ByteBuffer.allocate(MUCH + 1);
            List<String> log = new ArrayList<>();
            in[1].pipeTo(out[0], (source, error) -> {
                pass(error);
                log.add("copied");
                source.close();
                out[0].close();
            });
            in[0].write(data, (pipe, error) -> {
                pass(error);
                pipe.close();
            });
            out[1].startRead((pipe, piece, error) -> {
                if (piece != null) {
                    got.put(piece);
                } else {
                    pipe.close();
                }
            });
            loop.run();
            checkEquals(List.of("copied"), log);
            checkEquals(ByteBuffer.wrap(data), got.flip());
        }

        static void sockets() throws Exception {
            mark();
            var before = Scenario.descriptors();
            try (Loop loop = Scenario.loop()) {
                copy(loop, Pipe.pair(loop), Pipe.pair(loop));
            }
            checkEquals(before, Scenario.descriptors());
        }

        @Given("""
                a, b = socket.socketpair(); give(a, 0); give(b, 1)
                a, b = socket.socketpair(); give(a, 2); give(b, 3)
                """)
        static void adopted() throws Exception {
            mark();
            try (Loop loop = Scenario.loop()) {
                copy(loop, pair(loop, 0, 1), pair(loop, 2, 3));
            }
        }

        @Given("r, w = os.pipe(); give(r, 0); give(w, 1); r, w = os.pipe(); give(r, 2); give(w, 3)")
        static void fifos() throws Exception {
            mark();
            try (Loop loop = Scenario.loop()) {
                copy(loop, pair(loop, 1, 0), pair(loop, 3, 2));
            }
        }

        private static Pipe[] pair(Loop loop, int one, int other) throws Exception {
            return new Pipe[] {open(loop, given(one)), open(loop, given(other))};
        }

        static void tcp() throws Exception {
            mark();
            try (Loop loop = Scenario.loop()) {
                Pipe[] out = Pipe.pair(loop);
                Tcp server = new Tcp(loop);
                server.bind(new InetSocketAddress("127.0.0.1", 0));
                server.listen((listener, error) -> {
                    pass(error);
                    Tcp connection = new Tcp(loop);
                    listener.accept(connection);
                    listener.close();
                    connection.pipeTo(out[0], (source, failed) -> {
                        pass(failed);
                        source.close();
                        out[0].close();
                    });
                });
                byte[] data = Scenario.pattern(MUCH);
                Tcp client = new Tcp(loop);
                client.connect(server.localAddress(), (tcp, error) -> {
                    pass(error);
                    tcp.write(data, (written, failed) -> {
                        pass(failed);
                        written.close();
                    });
                });
                ByteBuffer got = ByteBuffer.allocate(MUCH + 1);
                out[1].startRead((pipe, piece, error) -> {
                    if (piece != null) {
                        got.put(piece);
                    } else {
                        pipe.close();
                    }
                });
                loop.run();
                checkEquals(ByteBuffer.wrap(data), got.flip());
            }
        }

        static void smallMessages() throws Exception {
            mark();
            try (Loop loop = Scenario.loop()) {
                Pipe[] in = Pipe.pair(loop);
                Pipe[] out = Pipe.pair(loop);
                in[1].pipeTo(out[0], (source, error) -> {
                    source.close();
                    out[0].close();
                });
                int[] left = {1000};
                out[1].startRead((pipe, piece, error) -> {
                    if (piece == null) {
                        pipe.close();
                    } else if (--left[0] == 0) {
                        in[0].close();
                    } else {
                        in[0].write(new byte[64]);
                    }
                });
                in[0].write(new byte[64]);
                loop.run();
                checkEquals(0, left[0]);
            }
        }

        static void exposedWhileFull() throws Exception {
            mark();
            try (Loop loop = Scenario.loop()) {
                Pipe[] in = Pipe.pair(loop);
                Pipe[] out = Pipe.pair(loop);
                byte[] data = Scenario.pattern(MUCH);
                ByteBuffer got = ByteBuffer.allocate(MUCH + 1);
                in[1].pipeTo(out[0], (source, error) -> {
                    pass(error);
                    source.close();
                    out[0].close();
                });
                in[0].write(data, (pipe, error) -> pipe.close());
                whenFull(loop, List.of(out[0]), () -> {
                    out[0].fileno();
                    in[1].fileno();
                    out[1].startRead((pipe, piece, error) -> {
                        if (piece != null) {
                            got.put(piece);
                        } else {
                            pipe.close();
                        }
                    });
                });
                loop.run();
                checkEquals(ByteBuffer.wrap(data), got.flip());
            }
        }

        static void outOfDescriptors() throws Exception {
            List<FileInputStream> files = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                Pipe[] in = Pipe.pair(loop);
                Pipe[] out = Pipe.pair(loop);
                try {
                    while (true) {
                        files.add(new FileInputStream("/dev/null"));
                    }
                } catch (IOException none) {
                    check(none.getMessage().contains("Too many open files"), none);
                }
                copy(loop, in, out);
            } finally {
                for (FileInputStream file : files) {
                    file.close();
                }
            }
        }

        /** Calls when sinks have taken nothing for a while, and so are full. */
        private static void whenFull(Loop loop, List<Pipe> sinks, Scenario.Call call) {
            long[] last = new long[1];
            int[] quiet = new int[1];
            new Timer(loop).start(timer -> {
                long size = 0;
                boolean full = true;
                for (Pipe sink : sinks) {
                    size += sink.writeQueueSize();
                    full &= sink.writeQueueSize() > 0;
                }
                quiet[0] = full && size == last[0] ? quiet[0] + 1 : 0;
                last[0] = size;
                if (quiet[0] == 20) {
                    timer.close();
                    call.run();
                }
            }, Duration.ofMillis(1), Duration.ofMillis(1));
        }

        static void slowSinks() throws Exception {
            mark();
            try (Loop loop = Scenario.loop()) {
                int count = 40;
                List<Pipe> readers = new ArrayList<>();
                List<Pipe> sinks = new ArrayList<>();
                List<Pipe> all = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    Pipe[] in = Pipe.pair(loop);
                    Pipe[] out = Pipe.pair(loop);
                    in[1].pipeTo(out[0], (source, error) -> {});
                    in[0].write(new byte[600_000], (pipe, error) -> {});
                    readers.add(out[1]);
                    sinks.add(out[0]);
                    all.addAll(List.of(in[0], in[1], out[0]));
                }
                whenFull(loop, sinks, loop::stop);
                int before = Scenario.descriptors().size();
                loop.run();
                int full = Scenario.descriptors().size();
                check(full - before > count, "too few pipes: " + (full - before) / 2);
                long[] got = new long[1];
                for (Pipe reader : readers) {
                    reader.startRead((pipe, piece, error) -> {
                        got[0] += piece == null ? 0 : piece.remaining();
                        if (got[0] == 600_000L * count) {
                            loop.stop();
                        }
                    });
                }
                loop.run();
                int drained = Scenario.descriptors().size();
                check(drained - before <= 32, "pipes left: " + (drained - before) / 2);
                all.forEach(Pipe::close);
                readers.forEach(Pipe::close);
                loop.run();
            }
        }
    }
}
