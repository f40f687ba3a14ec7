/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.Async;
import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** How the wait of a thread ends early: by an interrupt, by a close, or with its loop; and where no thread may wait. */
abstract class EndOfWaitContract extends ChannelFixture {

    /** What a wait ended with, and whether its thread was interrupted then. */
    private record Ended(Throwable thrown, boolean interrupted) {}

    private static Running<Ended> waits(Executable call) {
        return waits(call, true);
    }

    private static Running<Ended> waits(Executable call, boolean virtual) {
        Callable<Ended> task = () -> {
            try {
                call.execute();
                return new Ended(null, Thread.interrupted());
            } catch (Throwable thrown) {
                return new Ended(thrown, Thread.interrupted());
            }
        };
        if (virtual) {
            return start(task);
        }
        FutureTask<Ended> running = new FutureTask<>(task);
        return new Running<>(running, Thread.ofPlatform().daemon().start(running));
    }

    private static void writeForEver(PipeChannel channel) throws IOException {
        ByteBuffer much = ByteBuffer.allocate(1 << 20);
        while (true) {
            channel.write(much.clear());
        }
    }

    /** Waits until a writer is stuck: the other end takes nothing for some turns of the loop. */
    private void stuck(PipeChannel reader, Running<?> writer) throws Exception {
        await("data has come", () -> available(reader) > 0);
        for (int turn = 0; turn < 100; turn++) {
            onLoop(() -> null);
        }
        writer.parked();
    }

    private static void assertInterrupted(Running<Ended> running) throws Exception {
        running.parked().thread().interrupt();
        Ended ended = running.get();
        assertInstanceOf(ClosedByInterruptException.class, ended.thrown());
        assertTrue(ended.interrupted(), "the interrupt status stays");
    }

    private static void assertClosed(Running<Ended> running) throws Exception {
        Ended ended = running.get();
        assertEquals(AsynchronousCloseException.class, ended.thrown().getClass(), () -> ended.thrown().toString());
        assertFalse(ended.interrupted());
    }

    @Test
    void anInterruptEndsAReadAndClosesTheChannel() throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            Ends ends = ends();
            assertInterrupted(waits(() -> ends.a().read(ByteBuffer.allocate(1)), virtual));
            assertFalse(ends.a().isOpen());
            assertThrows(ClosedChannelException.class, () -> ends.a().read(ByteBuffer.allocate(1)));
            assertEquals(-1, ends.b().read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void anInterruptEndsAWriteAndClosesTheChannel() throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            Ends ends = ends();
            Running<Ended> writer = waits(() -> writeForEver(ends.a()), virtual);
            stuck(ends.b(), writer);
            assertInterrupted(writer);
            assertThrows(ClosedChannelException.class, () -> ends.a().write(bytes("x")));
        }
    }

    @Test
    void anInterruptEndsAnAcceptAndClosesTheServer() throws Exception {
        PipeServerChannel server = server();
        assertInterrupted(waits(server::accept));
        assertThrows(ClosedChannelException.class, server::accept);
    }

    @Test
    void anInterruptThatCameBeforeClosesAtOnce() throws Exception {
        Ends ends = ends();
        ends.b().write(bytes("there is data"));
        await("data has come", () -> available(ends.a()) > 0);
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> ends.a().read(ByteBuffer.allocate(1)));
        assertTrue(Thread.interrupted());
        assertFalse(ends.a().isOpen());
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> ends.b().write(bytes("x")));
        assertTrue(Thread.interrupted());
    }

    @Test
    void anInterruptEndsAConnect() throws Exception {
        // Nobody runs the task of the connect until the loop's thread has done with this.
        CompletableFuture<Void> busy = new CompletableFuture<>();
        loop.execute(busy::join);
        String name = freshName();
        Running<Ended> connecting = waits(() -> PipeChannel.connect(loop, name));
        try {
            assertInterrupted(connecting);
        } finally {
            busy.complete(null);
        }
    }

    @Test
    void closingEndsARead() throws Exception {
        Ends ends = ends();
        List<Running<Ended>> readers = new ArrayList<>();
        readers.add(waits(() -> ends.a().read(ByteBuffer.allocate(1))).parked());
        readers.add(waits(() -> ends.a().read(ByteBuffer.allocate(1)), false).parked());
        ends.a().close();
        int asynchronous = 0;
        for (Running<Ended> reader : readers) {
            Throwable thrown = reader.get().thrown();
            assertInstanceOf(ClosedChannelException.class, thrown);
            asynchronous += thrown instanceof AsynchronousCloseException ? 1 : 0;
        }
        // The other one had yet to begin, behind the first.
        assertTrue(asynchronous >= 1);
    }

    @Test
    void closingEndsAWrite() throws Exception {
        Ends ends = ends();
        Running<Ended> writer = waits(() -> writeForEver(ends.a()));
        stuck(ends.b(), writer);
        ends.a().close();
        assertClosed(writer);
    }

    @Test
    void closingEndsEveryAccept() throws Exception {
        PipeServerChannel server = server();
        List<Running<Ended>> accepting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            accepting.add(waits(server::accept).parked());
        }
        server.close();
        for (Running<Ended> one : accepting) {
            assertClosed(one);
        }
    }

    @Test
    void closingTheLoopEndsEveryWait() throws Exception {
        Ends ends = ends();
        Ends others = ends();
        PipeServerChannel server = server();
        Running<Ended> reader = waits(() -> ends.a().read(ByteBuffer.allocate(1))).parked();
        Running<Ended> writer = waits(() -> writeForEver(others.a()));
        stuck(others.b(), writer);
        Running<Ended> accepting = waits(server::accept).parked();
        thread.close();
        assertClosed(reader);
        assertClosed(writer);
        assertClosed(accepting);
        assertFalse(ends.b().isOpen());
        for (Executable late : List.<Executable>of(
                () -> ends.b().write(bytes("x")),
                () -> ends.b().read(ByteBuffer.allocate(1)),
                () -> ends.b().shutdownOutput(),
                () -> ends.b().peerCredentials(),
                server::accept)) {
            assertEquals(ClosedChannelException.class, assertThrows(Exception.class, late).getClass());
        }
        assertThrows(IllegalStateException.class, () -> PipeChannel.connect(loop, server.localName()));
        assertTrue(get(ends.b().closeAsync()) == null);
        thread.close();
    }

    @Test
    void closingTheLoopIsNoMisuseOfThoseThatAreBusy() throws Exception {
        for (int round = 0; round < 100; round++) {
            LoopThread closing = new LoopThread();
            CompletableFuture<Ends> made = new CompletableFuture<>();
            closing.loop().execute(() -> {
                try {
                    Pipe[] pair = Pipe.pair(closing.loop());
                    made.complete(new Ends(PipeChannel.of(pair[0]), PipeChannel.of(pair[1])));
                } catch (IOException failed) {
                    made.completeExceptionally(failed);
                }
            });
            Ends ends = get(made);
            Running<Ended> busy = waits(() -> {
                ByteBuffer one = ByteBuffer.allocate(1);
                while (true) {
                    ends.b().write(one.clear());
                    ends.a().read(one.clear());
                }
            });
            closing.close();
            Throwable thrown = busy.get().thrown();
            // The loop closes one end after the other, and a thread that writes for itself may meet that.
            boolean otherEndFirst = thrown instanceof PanpipeException refused
                    && (refused.code() == ErrorCode.EPIPE || refused.code() == ErrorCode.ECONNRESET);
            assertTrue(otherEndFirst || thrown instanceof ClosedChannelException, thrown::toString);
        }
    }

    @Test
    void anInterruptEndsAQuestionForTheOtherEndAndClosesTheChannel() throws Exception {
        Ends ends = ends();
        // Nobody answers until the loop's thread has done with this.
        CompletableFuture<Void> busy = new CompletableFuture<>();
        loop.execute(busy::join);
        try {
            assertInterrupted(waits(() -> ends.a().peerCredentials()));
            assertFalse(ends.a().isOpen());
        } finally {
            busy.complete(null);
        }
    }

    @Test
    void aPipeThatIsClosedUnderItsChannelEndsTheWait() throws Exception {
        Pipe[] pair = onLoop(() -> Pipe.pair(loop));
        PipeChannel a = closing(onLoop(() -> PipeChannel.of(pair[0])));
        PipeChannel b = closing(onLoop(() -> PipeChannel.of(pair[1])));
        Running<Ended> reader = waits(() -> a.read(ByteBuffer.allocate(1))).parked();
        loop.execute(pair[0]::close);
        assertClosed(reader);
        assertFalse(a.isOpen());
        assertEquals(-1, b.read(ByteBuffer.allocate(1)));
    }

    @Test
    void interruptsInTheMidstOfTrafficLoseAndRepeatNothing() throws Exception {
        for (int i = 0; i < 40; i++) {
            Ends ends = ends();
            int round = i;
            Running<Long> reader = start(() -> {
                long count = 0;
                ByteBuffer into = ByteBuffer.allocate(1000);
                for (int n; (n = ends.b().read(into.clear())) >= 0; ) {
                    for (int k = 0; k < n; k++) {
                        assertEquals((byte) count++, into.get(k), "a byte is lost, or comes twice");
                    }
                }
                return count;
            });
            Running<Long> writer = start(() -> {
                long count = 0;
                ByteBuffer data = ByteBuffer.allocate(3000);
                while (true) {
                    data.clear();
                    for (long k = count; data.hasRemaining(); k++) {
                        data.put((byte) k);
                    }
                    try {
                        count += ends.a().write(data.flip());
                    } catch (ClosedByInterruptException interrupted) {
                        return count + data.position();
                    }
                }
            });
            for (int spin = 0; spin < round * 10; spin++) {
                Thread.yield();
            }
            writer.thread().interrupt();
            long written = writer.get();
            long read = reader.get();
            assertTrue(read <= written && written - read <= 3000, read + " of " + written + " bytes have come");
            ends.b().close();
        }
    }

    @Test
    void theLoopsOwnThreadMayNotWait() throws Exception {
        Ends ends = ends();
        PipeServerChannel server = server();
        List<Executable> calls = List.of(
                () -> ends.a().read(ByteBuffer.allocate(1)),
                () -> ends.a().read(new ByteBuffer[] {ByteBuffer.allocate(1)}),
                () -> ends.a().write(bytes("x")),
                () -> ends.a().shutdownOutput(),
                () -> ends.a().peerCredentials(),
                server::accept,
                () -> PipeServerChannel.bind(loop, "never"),
                () -> PipeChannel.connect(loop, "never"));
        for (Executable call : calls) {
            IllegalStateException refused = onLoop(() -> assertThrows(IllegalStateException.class, call));
            assertTrue(refused.getMessage().contains("would wait for itself"), refused::getMessage);
        }
        assertThrows(IllegalStateException.class, () -> {
            try {
                onLoop(() -> {
                    thread.close();
                    return null;
                });
            } catch (ExecutionException failed) {
                throw failed.getCause();
            }
        });
    }

    @Test
    void aLoopThatNobodyRunsIsRefused() throws Exception {
        try (Loop idle = new Loop()) {
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> PipeChannel.connect(idle, "never"));
            assertTrue(refused.getMessage().contains("nobody runs this loop"), refused::getMessage);
            Pipe[] pair = Pipe.pair(idle);
            PipeChannel channel = PipeChannel.of(pair[0]);
            assertThrows(IllegalStateException.class, () -> channel.read(ByteBuffer.allocate(1)));
            channel.close();
        }
    }

    @Test
    void anOpenChannelKeepsItsLoopRunning() throws Exception {
        CompletableFuture<PipeChannel> opened = new CompletableFuture<>();
        Running<Boolean> running = runALoop(opened);
        PipeChannel channel = get(opened);
        // The other end is closed, so that nothing is left to be read.
        assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        assertFalse(running.task().isDone());
        channel.close();
        assertFalse(running.get(), "nothing keeps the loop alive any more");
    }

    private static Running<Boolean> runALoop(CompletableFuture<PipeChannel> opened) {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            try (Loop own = new Loop()) {
                own.execute(() -> {
                    try {
                        Pipe[] pair = Pipe.pair(own);
                        pair[1].close();
                        opened.complete(PipeChannel.of(pair[0]));
                    } catch (IOException failed) {
                        opened.completeExceptionally(failed);
                    }
                });
                return own.run();
            }
        });
        return new Running<>(task, Thread.ofPlatform().daemon().start(task));
    }

    @Test
    void whoWaitsForALoopWhoseRunThrowsWaitsNoLonger() throws Exception {
        CompletableFuture<Loop> made = new CompletableFuture<>();
        CompletableFuture<Boolean> again = new CompletableFuture<>();
        FutureTask<Throwable> running = new FutureTask<>(() -> {
            try (Loop own = new Loop()) {
                own.uncaughtExceptionHandler((same, thrown) -> {
                    throw new IllegalArgumentException(thrown);
                });
                new Async(own, signal -> {});
                own.execute(() -> made.complete(own));
                Throwable thrown = assertThrows(IllegalArgumentException.class, own::run);
                again.get();
                own.run(RunMode.NOWAIT);
                return thrown;
            }
        });
        Thread.ofPlatform().daemon().start(running);
        Loop own = get(made);
        PipeServerChannel server = closing(PipeServerChannel.bind(own, freshName()));
        PipeServerChannel full = closing(PipeServerChannel.bind(own, freshName()));
        PipeChannel client = closing(PipeChannel.connect(own, full.localName()));
        PipeChannel other = closing(PipeChannel.connect(own, full.localName()));
        List<Running<Ended>> waiting = List.of(
                waits(server::accept).parked(),
                waits(() -> client.read(ByteBuffer.allocate(1))).parked(),
                waits(() -> other.read(ByteBuffer.allocate(1)), false).parked());
        Running<Ended> writing = waits(() -> writeForEver(client));
        PipeChannel third = closing(PipeChannel.connect(own, full.localName()));
        List<CompletableFuture<?>> promised = List.of(
                third.readAsync(ByteBuffer.allocate(1)), third.writeAsync(ByteBuffer.allocate(5_000_000)));
        CountDownLatch asked = new CountDownLatch(1);
        own.execute(() -> {
            try {
                asked.await();
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
            throw new IllegalStateException("ends the run");
        });
        // In the queue behind that, up to a thousand tasks of a turn: what comes after them is not done.
        IntStream.range(0, 1100).forEach(i -> own.execute(() -> {}));
        Running<Ended> binding = waits(() -> PipeServerChannel.bind(own, "never")).parked();
        Running<Ended> connecting = waits(() -> PipeChannel.connect(own, "never")).parked();
        asked.countDown();
        for (Running<Ended> one : List.of(binding, connecting)) {
            assertEquals(IOException.class, one.get().thrown().getClass(), () -> "not done, and told");
        }
        for (Running<Ended> one : waiting) {
            Throwable thrown = one.get().thrown();
            assertEquals(IOException.class, thrown.getClass(), thrown::toString);
            assertTrue(thrown.getMessage().contains("the run of the loop has ended"), thrown::getMessage);
        }
        assertNotNull(writing.get().thrown());
        for (CompletableFuture<?> promise : promised) {
            Throwable thrown = ChannelFixture.failure(promise);
            assertEquals(IOException.class, thrown.getClass(), thrown::toString);
        }
        assertThrows(IllegalStateException.class, () -> client.read(ByteBuffer.allocate(1)));
        again.complete(true);
        assertInstanceOf(IllegalArgumentException.class, running.get());
        assertFalse(client.isOpen());
    }

    @Test
    void anInterruptThatComesWithTheClientClosesWhatWasAccepted() throws Exception {
        for (int i = 0; i < 50; i++) {
            PipeServerChannel server = server();
            PipeChannel[] accepted = new PipeChannel[1];
            Running<Ended> waiting = waits(() -> accepted[0] = server.accept(), i % 2 == 0).parked();
            CountDownLatch both = new CountDownLatch(1);
            // The client is accepted behind this task, and the interrupt comes about then.
            loop.execute(() -> {
                both.countDown();
                LockSupport.parkNanos(50_000);
            });
            PipeChannel client = closing(PipeChannel.connect(loop, server.localName()));
            both.await();
            waiting.thread().interrupt();
            Ended ended = waiting.get();
            if (accepted[0] == null) {
                assertInstanceOf(ClosedByInterruptException.class, ended.thrown());
                assertEndOrReset(client);
            } else {
                accepted[0].close();
            }
            client.close();
            server.close();
        }
    }

    /** A client that nobody has accepted learns of it too. */
    private static void assertEndOrReset(PipeChannel client) throws Exception {
        Running<Integer> reading = start(() -> {
            try {
                return client.read(ByteBuffer.allocate(1));
            } catch (IOException reset) {
                return -1;
            }
        });
        assertEquals(-1, reading.get());
    }

    @Test
    void whoWaitsForAnothersTurnToReadObeysTimeAndInterrupt() throws Exception {
        Ends ends = ends();
        Running<Ended> first = waits(() -> ends.a().read(ByteBuffer.allocate(1))).parked();
        ends.a().readTimeout(Duration.ofMillis(5));
        assertThrows(SocketTimeoutException.class, () -> ends.a().read(ByteBuffer.allocate(1)));
        assertTrue(ends.a().isOpen());
        ends.a().readTimeout(Duration.ZERO);
        assertInterrupted(waits(() -> ends.a().read(ByteBuffer.allocate(1)), false));
        assertFalse(ends.a().isOpen());
        assertClosed(first);
    }

    @Test
    void whoWaitsForAnothersTurnToWriteObeysTimeAndInterrupt() throws Exception {
        Ends ends = ends();
        Running<Ended> first = waits(() -> writeForEver(ends.a()));
        stuck(ends.b(), first);
        ends.a().writeTimeout(Duration.ofMillis(5));
        assertThrows(SocketTimeoutException.class, () -> ends.a().write(bytes("x")));
        assertThrows(SocketTimeoutException.class, ends.a()::shutdownOutput);
        assertTrue(ends.a().isOpen());
        ends.a().writeTimeout(Duration.ZERO);
        assertInterrupted(waits(() -> ends.a().write(bytes("x"))));
        assertFalse(ends.a().isOpen());
        assertClosed(first);
    }

    @Test
    void theNameIsFreeWhenCloseReturnsWhateverTheLoopDoes() throws Exception {
        assumeFalse(WINDOWS, "a name of Windows lasts until the loop has closed it");
        CountDownLatch busy = new CountDownLatch(1);
        PipeServerChannel server = server();
        loop.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException unexpected) {
                throw new IllegalStateException(unexpected);
            }
        });
        String name = server.localName();
        server.close();
        assertFalse(Files.exists(Path.of(name)));
        try (LoopThread other = new LoopThread();
                PipeServerChannel successor = PipeServerChannel.bind(other.loop(), name)) {
            busy.countDown();
            get(server.closeAsync());
            assertTrue(Files.exists(Path.of(name)), "the successor's");
            closing(PipeChannel.connect(loop, name)).close();
            assertEquals(name, successor.localName());
        }
    }

    @Test
    void anInterruptOfTheLoopsThreadLeavesTheLoopRunning() throws Exception {
        Thread runs = onLoop(Thread::currentThread);
        runs.interrupt();
        assertTrue(onLoop(() -> Thread.currentThread().isInterrupted()));
        Ends ends = ends();
        ends.a().write(bytes("x"));
        assertEquals("x", readText(ends.b(), 1));
        assertTrue(onLoop(Thread::interrupted));
    }

    @Test
    void theSharedLoopKeepsNothingOfItsFirstUserAndNobodyStopsIt() throws Exception {
        InheritableThreadLocal<Object> tenant = new InheritableThreadLocal<>();
        Thread user = new Thread(new ThreadGroup("tenant"), () -> {
            tenant.set("secret");
            Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
            try {
                LoopThread.sharedLoop().execute(() -> tenant.get());
            } catch (IOException refused) {
                throw new UncheckedIOException(refused);
            }
        });
        user.setContextClassLoader(new ClassLoader(null) {});
        // Others may have used the shared loop before: it ends when all its handles are closed.
        Loop before = LoopThread.sharedLoop();
        CompletableFuture<Thread> ended = new CompletableFuture<>();
        before.execute(() -> {
            ended.complete(Thread.currentThread());
            before.handles().forEach(Handle::close);
        });
        get(ended).join();
        user.start();
        user.join();
        Loop shared = LoopThread.sharedLoop();
        CompletableFuture<List<Object>> kept = new CompletableFuture<>();
        shared.execute(() -> {
            Thread runs = Thread.currentThread();
            kept.complete(Arrays.asList(tenant.get(), runs.getContextClassLoader(), runs.getPriority(),
                    runs.getThreadGroup().getParent(), runs.isDaemon()));
        });
        assertEquals(
                Arrays.asList(null, ClassLoader.getSystemClassLoader(), Thread.NORM_PRIORITY, null, true), get(kept));
        assertThrows(IllegalStateException.class, shared::stop);
        shared.requireRunningElsewhere();
    }

    @Test
    void theSharedLoopIsThereForWhoHasNone() throws Exception {
        String name = freshName();
        try (PipeServerChannel server = PipeServerChannel.bind(name);
                PipeChannel client = PipeChannel.connect(name);
                PipeChannel connection = server.accept()) {
            client.write(bytes("shared"));
            assertEquals("shared", readText(connection, 6));
            assertEquals(LoopThread.sharedLoop(), connection.loop());
            get(server.closeAsync());
        }
    }
}
