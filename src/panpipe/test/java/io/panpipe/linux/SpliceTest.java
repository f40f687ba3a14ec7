/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** Runs a scenario under strace; returns how many bytes were spliced, those into a pipe and those out of it. */
    private long spliced(Child child, String scenario, String... more) throws Exception {
        assumeTrue(Child.hasProgram("strace"), "strace sees the system calls");
        Path trace = directory.resolve("trace");
        ProcessBuilder builder = child.process(Scenarios.class, scenario).redirectErrorStream(true);
        List<String> command = new ArrayList<>(
                List.of("strace", "-f", "-qq", "-o", trace.toString(), "-e", "trace=splice"));
        command.addAll(List.of(more));
        command.addAll(builder.command());
        Process process = builder.command(command).start();
        process.getOutputStream().close();
        Child.assertSucceeds(process, new String(process.getInputStream().readAllBytes()));
        long bytes = 0;
        for (String line : Files.readAllLines(trace)) {
            Matcher matcher = SPLICED.matcher(line);
            bytes += matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        }
        return bytes;
    }

    @Test
    void muchIsSpliced() throws Exception {
        long bytes = spliced(new Child(), "sockets");
        // Once in and once out, but for what was read before it was known to be much.
        assertTrue(bytes > Scenarios.MUCH, () -> bytes + " bytes");
    }

    @Test
    void muchIsSplicedOverTcp() throws Exception {
        long bytes = spliced(new Child(), "tcp");
        assertTrue(bytes > Scenarios.MUCH, () -> bytes + " bytes");
    }

    @Test
    void smallMessagesAreCopied() throws Exception {
        assertEquals(0, spliced(new Child(), "smallMessages"));
    }

    @Test
    void fifosAreSpliced() throws Exception {
        String pipes = "r, w = os.pipe(); give(r, 50); give(w, 51); r, w = os.pipe(); give(r, 52); give(w, 53)";
        long bytes = spliced(new Child().python(pipes), "fifos");
        assertTrue(bytes > Scenarios.MUCH, () -> bytes + " bytes");
    }

    @Test
    void socketsThatMayBlockAreCopied() throws Exception {
        String sockets = "a, b = socket.socketpair(); give(a, 50); give(b, 51);"
                + "a, b = socket.socketpair(); give(a, 52); give(b, 53)";
        assertEquals(0, spliced(new Child().python(sockets), "adopted"));
    }

    @Test
    void aSocketThatOthersGetInTheMiddleIsCopiedFromThen() throws Exception {
        new Child().run(Scenarios.class, "exposedWhileFull");
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
        new Child().run(Scenarios.class, "slowSinks");
    }

    /** Run in the child. */
    static final class Scenarios {

        static final int MUCH = 3_000_000;

        private Scenarios() {}

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
            var before = Scenario.descriptors();
            try (Loop loop = Scenario.loop()) {
                copy(loop, Pipe.pair(loop), Pipe.pair(loop));
            }
            checkEquals(before, Scenario.descriptors());
        }

        static void adopted() throws Exception {
            try (Loop loop = Scenario.loop()) {
                copy(loop, pair(loop, 50, 51), pair(loop, 52, 53));
            }
        }

        static void fifos() throws Exception {
            try (Loop loop = Scenario.loop()) {
                copy(loop, pair(loop, 51, 50), pair(loop, 53, 52));
            }
        }

        private static Pipe[] pair(Loop loop, int one, int other) throws Exception {
            return new Pipe[] {open(loop, one), open(loop, other)};
        }

        static void tcp() throws Exception {
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
