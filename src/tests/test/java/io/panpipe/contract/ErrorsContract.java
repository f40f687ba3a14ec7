/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An Error is as harmless as an exception, and memory is held while it is used. */
public abstract class ErrorsContract extends Contract {

    // A write that throws half-way.

    private interface Attempt {
        void on(Pipe pipe) throws Exception;
    }

    /** Fails unless an attempt throws an InternalError, and the other end gets what is written before and after it. */
    private void assertLeavesNothing(byte[] before, Attempt attempt) throws Exception {
        Ends ends = connected();
        Received received = receiveOnly(ends.b());
        loop.execute(() -> {
            ends.a().write(before);
            long queued = ends.a().writeQueueSize();
            assertThrows(InternalError.class, () -> attempt.on(ends.a()));
            assertEquals(queued, ends.a().writeQueueSize());
            ends.a().write(ByteBuffer.wrap(bytes("good")), logs("good"));
        });
        int all = before.length + 4;
        runUntil(() -> received.size() >= all && log.contains("good"));
        settle();
        assertEquals("good", new String(received.bytes(), before.length, received.size() - before.length));
        assertEquals(List.of("good"), log);
        ends.close();
        run();
    }

    @Test
    void aWriteOfABufferThatThrowsAnErrorLeavesNothing() throws Exception {
        ByteBuffer gone = Truncated.buffer(100);
        assertLeavesNothing(new byte[0], pipe -> pipe.write(gone, logs("never")));
        assertEquals(0, gone.position());
    }

    @Test
    void aWriteThatThrowsAnErrorBehindOtherBuffersLeavesNothingOfThem() throws Exception {
        List<ByteBuffer> list = List.of(ByteBuffer.wrap(bytes("HEADER")), Truncated.buffer(100));
        assertLeavesNothing(new byte[0], pipe -> pipe.write(list, logs("never")));
    }

    @Test
    void aWriteThatThrowsAnErrorInTheMiddleOfABufferLeavesNothingOfIt() throws Exception {
        ByteBuffer half = Truncated.buffer(8192, 1);
        half.position(4096 - 2000).limit(4096 + 1000);
        // The chunk of the queue has room for what is still there, and no more.
        assertLeavesNothing(new byte[16 * 1024 - 2000], pipe -> pipe.write(half));
    }

    @Test
    void aTryWriteThatThrowsAnErrorSendsNothing() throws Exception {
        ByteBuffer gone = Truncated.buffer(100);
        assertLeavesNothing(new byte[0], pipe -> pipe.tryWrite(gone));
    }

    @Test
    void theErrorOfAWriteInACallbackIsToldAndTheLoopEndsWhenAllIsDone() throws Exception {
        ByteBuffer gone = Truncated.buffer(100);
        Ends ends = connected();
        receive(ends.b());
        ends.a().write(bytes("first"), (same, error) -> {
            same.write(List.of(ByteBuffer.wrap(bytes("header")), gone), logs("never"));
        });
        assertThrows(AssertionError.class, this::run);
        finishWriting(ends.a());
        ends.a().close(notes("closed"));
        run();
        assertEquals(List.of("closed"), log);
    }

    @Test
    void whatWasWrittenBeforeMemoryThatIsGoneArrives() throws Exception {
        ByteBuffer gone = Truncated.buffer(8192);
        Ends ends = connected();
        Received received = receiveOnly(ends.b());
        loop.execute(() -> {
            ends.a().write(bytes("good"), logs("good"));
            ends.a().write(gone, logs("gone"));
            ends.a().write(bytes("behind"), logs("behind"));
        });
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("good", "gone EFAULT", "behind EFAULT"), log);
        runUntil(() -> received.size() == 4);
        settle();
        assertEquals("good", received.text());
        assertEquals(0, ends.a().writeQueueSize());
        ends.close();
        run();
    }

    // Memory that can be closed.

    @Test
    void theMemoryOfAWriteMayBeClosedAtOnce() throws Exception {
        for (int size : new int[] {100, 10_000, 60_000}) {
            Ends ends = connected();
            Received received = receiveOnly(ends.b());
            for (Arena arena : List.of(Arena.ofShared(), Arena.ofConfined())) {
                MemorySegment memory = arena.allocate(size).fill((byte) 'u');
                ends.a().write(memory.asByteBuffer(), (StreamCallback<Object>) (same, error) -> throwIfAny(error));
                arena.close();
            }
            runUntil(() -> received.size() == 2 * size);
            byte[] expected = new byte[2 * size];
            Arrays.fill(expected, (byte) 'u');
            assertEquals(ByteBuffer.wrap(expected), ByteBuffer.wrap(received.bytes()));
            ends.close();
            run();
        }
    }

    @Test
    void longMemoryThatIsClosedMeanwhileFailsItsWrite() throws Exception {
        Ends ends = connected();
        try (Arena arena = Arena.ofShared()) {
            ends.a().write(arena.allocate(300_000).asByteBuffer(), logs("written"));
        }
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("written EFAULT"), log);
        assertEquals(0, ends.a().writeQueueSize());
    }

    @Test
    void aLongWriteOfASharedArenaArrives() throws Exception {
        Ends ends = connected();
        byte[] data = pattern(1_000_000);
        try (Arena arena = Arena.ofShared()) {
            ByteBuffer memory = arena.allocate(data.length).asByteBuffer().put(data).flip();
            Received received = receiveOnly(ends.b());
            ends.a().write(memory, logs("written"));
            runUntil(() -> received.size() == data.length && !log.isEmpty());
            assertEquals(ByteBuffer.wrap(data), ByteBuffer.wrap(received.bytes()));
        }
        assertEquals(List.of("written"), log);
    }

    // What the loop itself meets.

    /** Makes a loop over the kernel under test with something in between. */
    private Loop loop(Meddler meddler) throws Exception {
        return KernelAccess.loop(meddler.over(kernel.kernel()));
    }

    @Test
    void anErrorThatLeavesAnEventStrandsNothing() throws Exception {
        // What is thrown here comes before the selector has seen the event; a completion is told once.
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "not here: level-triggered events");
        AtomicBoolean throwsNow = new AtomicBoolean();
        Meddler meddler = new Meddler().before("dispatch", () -> {
            if (throwsNow.getAndSet(false)) {
                throw new StackOverflowError("deep in the system's own calls");
            }
        });
        try (Loop other = loop(meddler)) {
            other.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getClass().getSimpleName()));
            Pipe[] ends = Pipe.pair(other);
            Received received = new Received(5);
            ends[1].startRead(received);
            ends[0].write(bytes("event"));
            throwsNow.set(true);
            while (throwsNow.get()) {
                other.execute(() -> log.add("task"));
                other.run(RunMode.ONCE);
            }
            assertTrue(log.contains("task"), log::toString);
            assertTrue(log.contains("StackOverflowError"), log::toString);
            while (received.size() < 5) {
                other.run(RunMode.ONCE);
            }
            ends[0].close();
            other.run();
        }
    }

    @Test
    void aTaskQueuedWhileAWaitFailsIsNotSleptOver() throws Exception {
        AtomicBoolean fails = new AtomicBoolean(true);
        Meddler meddler = new Meddler().before("select", () -> {
            if (fails.getAndSet(false)) {
                throw new KernelException(Fault.EBADF, 0, "wait");
            }
        });
        try (Loop other = loop(meddler)) {
            other.execute(() -> log.add("task"));
            assertThrows(UncheckedIOException.class, () -> other.run(RunMode.ONCE));
            other.run(RunMode.ONCE);
            assertEquals(List.of("task"), log);
        }
    }

    @Test
    void aCopyThatHasNoMemoryForWhatWasReadEndsAndSaysSo() throws Exception {
        Meddler meddler = new Meddler().before("transfer", () -> {
            throw new OutOfMemoryError("no room");
        });
        try (Loop other = loop(meddler)) {
            Pipe[] from = Pipe.pair(other);
            Pipe[] to = Pipe.pair(other);
            from[1].pipeTo(to[0], (pipe, error) -> log.add("copied " + (error == null ? "all" : error.code())));
            // Nothing follows what is lost.
            to[1].startRead((pipe, data, error) -> log.add("received"));
            from[0].write(bytes("lost"));
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            from[0].write(bytes("behind"));
            other.run(RunMode.NOWAIT);
            assertEquals(List.of("copied ENOMEM"), log);
        }
    }

    @Test
    void anErrorOfASendIsToldAndEndsTheWriting() throws Exception {
        AtomicBoolean throwsNow = new AtomicBoolean(true);
        Meddler meddler = new Meddler().before("write", () -> {
            if (throwsNow.getAndSet(false)) {
                throw new StackOverflowError("deep in the system's own calls");
            }
        });
        try (Loop other = loop(meddler)) {
            Pipe[] ends = Pipe.pair(other);
            ends[0].write(bytes("lost"), (pipe, error) -> log.add("first " + (error == null ? "" : error.code())));
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            // How much of it has left is not known.
            ends[0].write(bytes("behind"), (pipe, error) -> log.add("second " + (error == null ? "" : error.code())));
            while (log.size() < 2) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("first UNKNOWN", "second EPIPE"), log);
        }
    }

    @Test
    void anErrorOfAConnectIsTold() throws Exception {
        Meddler meddler = new Meddler().before("finishConnect", () -> {
            throw new StackOverflowError("deep in the system's own calls");
        });
        try (Loop other = loop(meddler)) {
            Pipe server = new Pipe(other);
            String name = kernel.freshName();
            server.bind(name);
            server.listen((same, error) -> {});
            new Pipe(other).connect(name, (pipe, error) -> log.add(error == null ? "CONNECTED" : error.code().name()));
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            // A kernel that connects at once is not asked how it ended.
            assertTrue(Set.of("CONNECTED", "UNKNOWN").contains(log.getFirst()), log::toString);
            assertEquals(1, log.size(), log::toString);
        }
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void anErrorOfAHalfCloseIsTold() throws Exception {
        Meddler meddler = new Meddler().before("shutdownOutput", () -> {
            throw new StackOverflowError("deep in the system's own calls");
        });
        try (Loop other = loop(meddler)) {
            Pipe[] ends = Pipe.pair(other);
            ends[0].write(bytes("all"));
            ends[0].shutdown((pipe, error) -> log.add("shutdown " + (error == null ? "done" : error.code())));
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("shutdown UNKNOWN"), log);
        }
    }

    @Test
    void whatALongQueueTookIsGivenBack() throws Exception {
        AtomicInteger blocks = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Meddler meddler = new Meddler()
                .before("allocateBlock", () -> most.set(blocks.incrementAndGet()))
                .before("free", blocks::decrementAndGet);
        try (Loop other = loop(meddler)) {
            Pipe[] ends = Pipe.pair(other);
            int size = 30_000_000;
            for (int left = size; left > 0; left -= 60_000) {
                ends[0].write(new byte[60_000]);
            }
            assertTrue(most.get() >= 20, most::toString);
            Received received = new Received(size);
            ends[1].startRead(received);
            while (received.size() < size) {
                other.run(RunMode.ONCE);
            }
            other.run(RunMode.NOWAIT);
            assertTrue(blocks.get() <= 1, () -> blocks + " blocks of a megabyte are left");
            ends[0].write(new byte[60_000]);
        }
    }

    @Test
    void aCloseWhoseWaitsFailTellsEverybody() throws Exception {
        AtomicBoolean fails = new AtomicBoolean();
        Meddler meddler = new Meddler().before("select", () -> {
            if (fails.get()) {
                throw new KernelException(Fault.EBADF, 0, "wait");
            }
        });
        Loop other = loop(meddler);
        other.uncaughtExceptionHandler((itself, thrown) -> uncaught.add(thrown));
        Pipe[] ends = Pipe.pair(other);
        block(other, ends[0]);
        ends[0].write(ByteBuffer.wrap(bytes("never")), logs("write"));
        ends[0].onClose(same -> log.add("closed"));
        other.execute(() -> log.add("task"));
        fails.set(true);
        assertThrows(UncheckedIOException.class, other::close);
        assertEquals(Set.of("task", "write ECANCELED", "closed"), Set.copyOf(log));
        assertEquals(3, log.size(), log::toString);
        assertTrue(other.handles().isEmpty(), other.handles()::toString);
    }

    private static void block(Loop loop, Pipe pipe) {
        byte[] data = new byte[64 * 1024];
        while (pipe.writeQueueSize() < 8L * data.length) {
            pipe.write(data, (same, error) -> {});
            loop.run(RunMode.NOWAIT);
        }
    }
}
