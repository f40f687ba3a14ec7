/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.internal.stream.CallerIo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Threads that read and write channels for themselves, beside the loop. */
@EnabledOnOs(OS.LINUX)
class CallerThreadsTest extends ChannelFixture {

    private static final CallerIo.Listener DEAF = new CallerIo.Listener() {
        @Override
        public void readable() {}

        @Override
        public void writable() {}

        @Override
        public void unplaced(ByteBuffer rest) {
            throw new AssertionError("nobody reads");
        }
    };

    /** What one end writes after another has begun to wait on it is never lost, be it in whatever way that end reads. */
    @Test
    void threadsAndFuturesReadInTurn() throws Exception {
        Ends ends = ends();
        int count = 20_000;
        Running<Void> writer = start(() -> {
            ByteBuffer data = ByteBuffer.allocate(4);
            for (int i = 0; i < count; i++) {
                ByteBuffer next = data.clear().putInt(0, i);
                if (i % 3 == 0) {
                    get(ends.a().writeAsync(next));
                } else {
                    ends.a().write(next);
                }
            }
            return null;
        });
        ByteBuffer into = ByteBuffer.allocate(4);
        for (int i = 0; i < count; i++) {
            into.clear();
            while (into.hasRemaining()) {
                boolean byFuture = ThreadLocalRandom.current().nextInt(4) == 0;
                assertTrue((byFuture ? get(ends.b().readAsync(into)) : ends.b().read(into)) > 0);
            }
            assertEquals(i, into.getInt(0));
        }
        writer.get();
    }

    /**
     * What the loop has queued, since it did not fit into a buffer, comes before what the system has: also for a thread that
     * begins to read for itself while the loop leaves the reading.
     */
    @Test
    void nothingOvertakesWhatTheLoopHasQueued() throws Exception {
        Ends ends = ends();
        int rounds = 1_000;
        AtomicInteger begun = new AtomicInteger();
        Running<Void> writer = start(() -> {
            for (int i = 1; i <= rounds; i++) {
                while (begun.get() < i) {
                    Thread.yield();
                }
                ends.a().write(ByteBuffer.allocate(8).putInt(0, i).putInt(4, i + 1));
                ends.a().write(ByteBuffer.allocate(4).putInt(0, i + 2));
            }
            return null;
        });
        ByteBuffer into = ByteBuffer.allocate(4);
        for (int i = 1; i <= rounds; i++) {
            // The loop reads for a future, and knows of a thread that wants to read, but waits no more.
            CompletableFuture<Integer> first = ends.b().readAsync(into.clear());
            ends.a().write(bytes("once"));
            get(first);
            ends.b().readTimeout(Duration.ofNanos(1));
            assertThrows(SocketTimeoutException.class, () -> ends.b().read(into.clear()));
            ends.b().readTimeout(PATIENCE);
            begun.set(i);
            for (int j = 0; j < 3; j++) {
                into.clear();
                boolean byFuture = i % 3 == 0;
                while (into.hasRemaining()) {
                    assertTrue((byFuture ? get(ends.b().readAsync(into)) : ends.b().read(into)) > 0);
                }
                assertEquals(i + j, into.getInt(0));
            }
        }
        writer.get();
    }

    @Test
    void aFutureThatIsGivenUpLeavesTheReadingToThreads() throws Exception {
        Ends ends = ends();
        ByteBuffer into = ByteBuffer.allocate(8);
        for (int i = 0; i < 200; i++) {
            CompletableFuture<Integer> given = ends.b().readAsync(ByteBuffer.allocate(8));
            assertTrue(given.cancel(false));
            ends.a().write(bytes("one"));
            assertEquals("one", readText(ends.b(), 3));
            Running<Integer> reader = start(() -> ends.b().read(into.clear())).parked();
            ends.a().write(bytes("two"));
            assertEquals(3, reader.get());
        }
    }

    /** A write that the system takes a part of goes on behind nobody else's bytes, futures' included. */
    @Test
    void nothingComesBetweenThePartsOfAWrite() throws Exception {
        Ends ends = ends();
        int length = 1 << 20;
        byte[] long1 = new byte[length];
        Arrays.fill(long1, (byte) 1);
        Running<Integer> writer = start(() -> ends.a().write(ByteBuffer.wrap(long1))).parked();
        CompletableFuture<Integer> behind = ends.a().writeAsync(ByteBuffer.wrap(new byte[] {2}));
        CompletableFuture<Void> end = ends.a().shutdownOutputAsync();
        Running<Integer> late = start(() -> ends.a().write(ByteBuffer.allocateDirect(10)));
        ByteBuffer all = ByteBuffer.allocate(length + 1);
        while (all.hasRemaining()) {
            assertTrue(ends.b().read(all) > 0);
        }
        assertEquals(length, writer.get());
        assertEquals(1, get(behind));
        get(end);
        assertEquals(-1, ends.b().read(ByteBuffer.allocate(1)));
        for (int i = 0; i < length; i++) {
            assertEquals(1, all.get(i));
        }
        assertEquals(2, all.get(length));
        ExecutionException refused = assertThrows(ExecutionException.class, late::get);
        assertInstanceOf(ClosedChannelException.class, refused.getCause());
    }

    /** What was queued before the pipe became a channel leaves first. */
    @Test
    void whatThePipeHadQueuedLeavesFirst() throws Exception {
        Pipe[] pair = onLoop(() -> Pipe.pair(loop));
        byte[] before = new byte[600_000];
        Arrays.fill(before, (byte) 1);
        PipeChannel a = onLoop(() -> {
            pair[0].write(before);
            return closing(PipeChannel.of(pair[0]));
        });
        PipeChannel b = onLoop(() -> closing(PipeChannel.of(pair[1])));
        Running<Integer> writer = start(() -> a.write(ByteBuffer.wrap(new byte[] {2})));
        ByteBuffer all = ByteBuffer.allocate(before.length + 1);
        while (all.hasRemaining()) {
            assertTrue(b.read(all) > 0);
        }
        assertEquals(1, writer.get());
        assertEquals(1, all.get(before.length - 1));
        assertEquals(2, all.get(before.length));
    }

    /** Descriptors that come with the bytes end a read early, though more is there, and nobody receives them. */
    @Test
    void bytesThatHandlesCameWithAreReadLikeOthers() throws Exception {
        Pipe[] pair = onLoop(() -> Pipe.pair(loop));
        PipeChannel reader = onLoop(() -> closing(PipeChannel.of(pair[1])));
        long stranger = onLoop(() -> pair[0].detach());
        Pipe sender = onLoop(() -> {
            Pipe ipc = new Pipe(loop, true);
            ipc.open(stranger);
            return ipc;
        });
        Running<String> read = start(() -> readText(reader, 6)).parked();
        onLoop(() -> {
            Pipe[] sent = Pipe.pair(loop);
            sender.write(bytes("abc"), (same, error) -> {}, sent[0]);
            sent[0].close();
            sent[1].close();
            return sender.write(bytes("def"));
        });
        assertEquals("abcdef", read.get());
        onLoop(() -> {
            sender.close();
            return null;
        });
    }

    /** Messages allocate nothing that grows with them, and nothing at all once the last compiler has seen the code. */
    @Test
    void aPingPongAllocatesLittle() throws Exception {
        Ends ends = ends();
        Thread echo = Thread.ofPlatform().start(() -> {
            ByteBuffer data = ByteBuffer.allocateDirect(64);
            try {
                while (ends.b().read(data.clear()) > 0) {
                    ends.b().write(data.flip());
                }
            } catch (IOException closed) {
                // The end of the test.
            }
        });
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer[] data = {ByteBuffer.allocate(8), ByteBuffer.allocateDirect(8)};
        ByteBuffer into = ByteBuffer.allocate(16);
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 20 && least > 0; attempt++) {
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
            for (int i = 0; i < 500; i++) {
                data[0].clear();
                data[1].clear();
                assertEquals(16, ends.a().write(data));
                into.clear();
                while (into.hasRemaining()) {
                    assertTrue(ends.a().read(into) > 0);
                }
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - before);
        }
        ends.a().close();
        echo.join();
        // The first compiler, to which tests are limited, allocates the segments that a look at a buffer makes.
        assertTrue(least < 500 * 400, "bytes: " + least);
    }

    /** What a channel has, nobody else reads or counts beside it; and what it could not have, another one can. */
    @Test
    void aPipeIsOneChannels() throws Exception {
        Pipe[] pair = onLoop(() -> Pipe.pair(loop));
        PipeChannel a = onLoop(() -> {
            // What a channel that fails half-way has begun is taken back.
            CallerIo begun = CallerIo.of(pair[0], DEAF);
            assertThrows(IllegalStateException.class, () -> CallerIo.of(pair[0], DEAF));
            begun.end();
            assertEquals(CallerIo.CLOSED, begun.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1));
            return closing(PipeChannel.of(pair[0]));
        });
        PipeChannel b = onLoop(() -> {
            // A channel that could not be made leaves the pipe as it was.
            pair[1].startRead((pipe, data, error) -> {});
            assertThrows(IllegalStateException.class, () -> PipeChannel.of(pair[1]));
            assertThrows(IllegalStateException.class, () -> PipeChannel.of(pair[1]));
            pair[1].stopRead();
            PipeChannel made = closing(PipeChannel.of(pair[1]));
            assertThrows(IllegalStateException.class, () -> PipeChannel.of(pair[1]));
            Pipe[] sink = Pipe.pair(loop);
            try {
                assertThrows(IllegalStateException.class, () -> pair[1].startRead((pipe, data, error) -> {}));
                assertThrows(IllegalStateException.class, () -> pair[1].pipeTo(sink[0]));
                assertThrows(IllegalStateException.class, () -> sink[0].pipeTo(pair[1]));
                assertThrows(IllegalStateException.class, () -> pair[1].idleTimeout(Duration.ofDays(1), pipe -> {}));
                pair[1].idleTimeout(Duration.ZERO, pipe -> {});
            } finally {
                sink[0].close();
                sink[1].close();
            }
            return made;
        });
        a.write(bytes("one"));
        assertEquals("one", readText(b, 3));
        CompletableFuture<Integer> loops = b.readAsync(ByteBuffer.allocate(3));
        onLoop(() -> assertThrows(IllegalStateException.class, () -> PipeChannel.of(pair[1])));
        // The loop reads at the moment, and nobody stops it.
        onLoop(() -> assertThrows(IllegalStateException.class, pair[1]::stopRead));
        a.write(bytes("two"));
        assertEquals(3, get(loops));
    }

    /** A descriptor is not given away with a message that is half read, or half written, though no call is under way. */
    @Test
    void aDetachLosesNothing() throws Exception {
        Pipe[] pair = onLoop(() -> Pipe.pair(loop));
        PipeChannel a = onLoop(() -> closing(PipeChannel.of(pair[0])));
        PipeChannel b = onLoop(() -> closing(PipeChannel.of(pair[1])));
        CompletableFuture<Integer> half = b.readAsync(ByteBuffer.allocate(4));
        a.write(bytes("12345678"));
        assertEquals(4, get(half));
        assertEquals(ErrorCode.EBUSY, onLoop(() -> assertThrows(PanpipeException.class, pair[1]::detach)).code());
        assertEquals("5678", readText(b, 4));
        int length = 1 << 20;
        Running<Integer> writer = start(() -> a.write(ByteBuffer.allocate(length))).parked();
        assertEquals(ErrorCode.EBUSY, onLoop(() -> assertThrows(PanpipeException.class, pair[0]::detach)).code());
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            assertTrue(b.read(all) > 0);
        }
        assertEquals(length, writer.get());
        onLoop(() -> {
            Pipe taken = new Pipe(loop);
            taken.open(pair[0].detach());
            taken.close();
            return null;
        });
        assertThrows(ClosedChannelException.class, () -> a.write(bytes("late")));
    }

    /** Data that is there is read however late it is, as it is where a loop reads it. */
    @Test
    void aShortReadLeavesNoDoubtWhetherDataIsThere() throws Exception {
        Ends ends = ends();
        ends.b().readTimeout(Duration.ofNanos(1));
        for (int i = 0; i < 10; i++) {
            ends.a().write(bytes("one"));
            assertEquals(3, ends.b().read(ByteBuffer.allocate(8)));
        }
    }

    /** The time of a write runs, also where it never has to wait. */
    @Test
    void aWriteIsOverInTimeThoughTheOtherEndKeepsUp() throws Exception {
        Ends ends = ends();
        ends.a().writeTimeout(Duration.ofNanos(1));
        // Copied, so that one call of the system takes no more than a part.
        SocketTimeoutException late =
                assertThrows(SocketTimeoutException.class, () -> ends.a().write(ByteBuffer.allocate(100_000)));
        assertEquals(64 * 1024, late.bytesTransferred);
        assertEquals(10, ends.a().write(ByteBuffer.allocate(10)));
    }

    @Test
    void channelsCloseWhileThreadsReadAndWrite() throws Exception {
        for (int i = 0; i < 300; i++) {
            PipeChannel[] ends = new PipeChannel[2];
            CompletableFuture<Void> made = new CompletableFuture<>();
            loop.execute(() -> make(ends, made));
            get(made);
            Running<Void> writer = start(() -> {
                ByteBuffer data = ByteBuffer.allocate(64);
                untilClosed(() -> ends[0].write(data.rewind()));
                return null;
            });
            Running<Void> reader = start(() -> {
                ByteBuffer data = ByteBuffer.allocate(64);
                untilClosed(() -> {
                    if (ends[1].read(data.clear()) < 0) {
                        throw new ClosedChannelException();
                    }
                });
                return null;
            });
            boolean writerFirst = i % 2 == 0;
            ends[writerFirst ? 0 : 1].close();
            get(ends[writerFirst ? 1 : 0].closeAsync());
            writer.get();
            reader.get();
        }
    }

    private void make(PipeChannel[] ends, CompletableFuture<Void> made) {
        try {
            Pipe[] pair = Pipe.pair(loop);
            ends[0] = PipeChannel.of(pair[0]);
            ends[1] = PipeChannel.of(pair[1]);
            made.complete(null);
        } catch (Throwable refused) {
            made.completeExceptionally(refused);
        }
    }

    /** Something that is done again until it throws an IOException. */
    private interface Step {
        void take() throws IOException;
    }

    private static void untilClosed(Step step) {
        try {
            while (true) {
                step.take();
            }
        } catch (IOException closed) {
            // The other end, or this one.
        }
    }
}
