/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.panpipe.channels.PipeChannel;
import io.panpipe.channels.PipeServerChannel;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Channels that block, beside the JDK's: round trips between two threads, and gathering writes to one that reads. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChannelBenchmark {

    private static final int ECHOES = 1000;
    private static final int MESSAGE = 64;
    private static final int GATHERS = 100;
    private static final int PIECES = 4;
    private static final int PIECE = 64 * 1024;

    /** Something that a thread does with a channel until it ends. */
    private interface Work {
        void go() throws IOException;
    }

    /** Two ends, and a thread at the far one. */
    @State(Scope.Thread)
    public abstract static class Ends {

        /** Whose. */
        @Param({"panpipe", "jdk"})
        public String library = "";

        /** Of what kind both threads are. */
        @Param({"platform", "virtual"})
        public String thread = "";

        private @Nullable ByteChannel near;
        private @Nullable Thread farThread;

        /**
         * Connects them.
         *
         * @throws Exception if that is impossible
         */
        @Setup
        public void connect() throws Exception {
            Path directory = Files.createTempDirectory("channels");
            Path name = directory.resolve("s");
            ByteChannel far;
            if (library.equals("jdk")) {
                UnixDomainSocketAddress address = UnixDomainSocketAddress.of(name);
                try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    server.bind(address);
                    near = SocketChannel.open(address);
                    far = server.accept();
                }
            } else {
                try (PipeServerChannel server = PipeServerChannel.bind(name.toString())) {
                    near = PipeChannel.connect(name.toString());
                    far = server.accept();
                }
            }
            Files.deleteIfExists(name);
            Files.delete(directory);
            farThread = start(() -> {
                try (far) {
                    serve(far);
                }
            });
        }

        abstract void serve(ByteChannel far) throws IOException;

        private Thread.Builder builder() {
            return thread.equals("virtual") ? Thread.ofVirtual() : Thread.ofPlatform();
        }

        private Thread start(Work work) {
            return builder().start(() -> {
                try {
                    work.go();
                } catch (IOException ended) {
                    // The near end is closed.
                }
            });
        }

        /** Does something on a thread of the kind. */
        void on(Work work) throws Exception {
            if (thread.equals("virtual")) {
                FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
                    work.go();
                    return null;
                });
                builder().start(task);
                task.get();
            } else {
                work.go();
            }
        }

        ByteChannel near() {
            return Objects.requireNonNull(near);
        }

        /**
         * Closes them.
         *
         * @throws Exception if that is impossible
         */
        @TearDown
        public void close() throws Exception {
            near().close();
            Objects.requireNonNull(farThread).join();
        }
    }

    /** The far one sends back what it gets. */
    public static class Echoing extends Ends {

        private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE);

        @Override
        void serve(ByteChannel far) throws IOException {
            ByteBuffer data = ByteBuffer.allocateDirect(MESSAGE);
            while (far.read(data.clear()) >= 0) {
                far.write(data.flip());
            }
        }

        private void roundTrips(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                near().write(message.clear());
                message.clear();
                while (message.hasRemaining()) {
                    if (near().read(message) < 0) {
                        throw new EOFException();
                    }
                }
            }
        }
    }

    /** The far one reads. */
    public static class Reading extends Ends {

        private final ByteBuffer[] pieces = new ByteBuffer[PIECES];

        /** As JMH makes it. */
        public Reading() {
            for (int i = 0; i < PIECES; i++) {
                pieces[i] = ByteBuffer.allocateDirect(PIECE);
            }
        }

        @Override
        void serve(ByteChannel far) throws IOException {
            ByteBuffer data = ByteBuffer.allocateDirect(2 * PIECE);
            while (far.read(data.clear()) >= 0) {
                // It goes nowhere.
            }
        }

        private void writes(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                for (ByteBuffer piece : pieces) {
                    piece.clear();
                }
                for (long left = (long) PIECES * PIECE; left > 0; ) {
                    left -= ((GatheringByteChannel) near()).write(pieces);
                }
            }
        }
    }

    /**
     * 64 bytes there and back.
     *
     * @param ends the two
     * @throws Exception if they fail
     */
    @Benchmark
    @OperationsPerInvocation(ECHOES)
    public void pingPong(Echoing ends) throws Exception {
        ends.on(() -> ends.roundTrips(ECHOES));
    }

    /**
     * Four buffers of 64 KiB in one write.
     *
     * @param ends the two
     * @throws Exception if they fail
     */
    @Benchmark
    @OperationsPerInvocation(GATHERS)
    public void gather(Reading ends) throws Exception {
        ends.on(() -> ends.writes(GATHERS));
    }
}
