/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.channels.ChannelFixture.Running;
import io.panpipe.contract.Meddler;
import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.platform.Platform;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What waits for a loop that ends because the system lets it wait no more, or meets an Error of the loop's own. */
class FailingLoopTest {

    private final AtomicBoolean fails = new AtomicBoolean();
    private final AtomicBoolean runsOut = new AtomicBoolean();
    private final AtomicBoolean refusesReading = new AtomicBoolean();
    private final AtomicInteger parts = new AtomicInteger();
    private final AtomicBoolean findsNothing = new AtomicBoolean();
    private final AtomicBoolean failsWriting = new AtomicBoolean();
    private Meddler.Deed between = () -> {};
    private Meddler.Deed meanwhile = () -> {};
    private final Meddler meddler = new Meddler()
            .before("select", () -> {
                if (fails.get()) {
                    throw new KernelException(Fault.EBADF, 0, "wait");
                }
            })
            .before("interest", arguments -> ((int) arguments[0] & Channel.READ) != 0, () -> {
                if (refusesReading.getAndSet(false)) {
                    throw new OutOfMemoryError("no room for a reader");
                }
            })
            .before("callers", () -> {
                // Where threads read for themselves, the loop has no interest.
                if (refusesReading.getAndSet(false)) {
                    throw new OutOfMemoryError("no room for a reader");
                }
            })
            .answering("read", arguments -> arguments[0] instanceof ByteBuffer[] && findsNothing.getAndSet(false),
                    () -> meanwhile.run(), CallerStream.WOULD_BLOCK)
            .answering("write", arguments -> arguments.length == 3 ? parts.incrementAndGet() == 2 : failsWriting.getAndSet(false),
                    () -> between.run(), CallerStream.NOT_NOW)
            .before("newPipe", () -> {
                if (runsOut.getAndSet(false)) {
                    throw new OutOfMemoryError("no room for a pipe");
                }
            });

    private static <T> T on(Loop loop, Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        loop.execute(task);
        return get(task);
    }

    private static <T> T get(FutureTask<T> task) throws Exception {
        return task.get(Patience.seconds(60).toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs a loop over the meddled kernel as LoopThread does: to its end, and closes it. */
    private Loop start() throws Exception {
        CompletableFuture<Loop> made = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try (Loop loop = KernelAccess.loop(meddler.over(Platform.kernel()))) {
                new Async(loop, signal -> {});
                loop.execute(() -> made.complete(loop));
                loop.run();
            } catch (Exception ended) {
                made.completeExceptionally(ended);
            }
        });
        return ChannelFixture.get(made);
    }

    @Test
    void whatWaitsForALoopThatEndsSoIsTold() throws Exception {
        Loop loop = start();
        Pipe[] pair = on(loop, () -> Pipe.pair(loop));
        PipeChannel near = on(loop, () -> PipeChannel.of(pair[0]));
        PipeServerChannel server = PipeServerChannel.bind(loop, name());
        // Whoever comes first says so: the run that has failed, or the close after it.
        Running<IOException> reading = ChannelFixture.start(
                () -> assertThrows(IOException.class, () -> near.read(ByteBuffer.allocate(1)))).parked();
        Running<IOException> writing = ChannelFixture.start(
                () -> assertThrows(IOException.class, () -> near.write(ByteBuffer.allocate(5_000_000)))).parked();
        Running<IOException> accepting = ChannelFixture.start(
                () -> assertThrows(IOException.class, server::accept)).parked();
        CompletableFuture<Integer> behind = near.writeAsync(ByteBuffer.allocate(10));
        fails.set(true);
        try {
            loop.execute(() -> {});
        } catch (RejectedExecutionException ended) {
            // It has waited once more by itself, and is closed already.
        }
        reading.get();
        writing.get();
        accepting.get();
        assertInstanceOf(IOException.class, ChannelFixture.failure(behind));
    }

    /** The loop tells of a close but once: it must find the future, though its thread is in the middle of a read. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aCloseDuringAFuturesOwnReadFailsIt() throws Exception {
        Loop loop = start();
        Pipe[] pair = on(loop, () -> Pipe.pair(loop));
        PipeChannel near = on(loop, () -> PipeChannel.of(pair[0]));
        meanwhile = () -> ChannelFixture.get(near.closeAsync());
        findsNothing.set(true);
        CompletableFuture<Integer> read = near.readAsync(ByteBuffer.allocate(1));
        assertInstanceOf(AsynchronousCloseException.class, ChannelFixture.failure(read));
        assertFalse(findsNothing.get());
        on(loop, () -> {
            pair[1].close();
            return null;
        });
        loop.stop();
    }

    /** What the loop writes, since the system has no memory for it just now, is the same write's yet. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void nothingComesBetweenThePartsOfAWriteThatTheLoopEnds() throws Exception {
        Loop loop = start();
        Pipe[] pair = on(loop, () -> Pipe.pair(loop));
        PipeChannel near = on(loop, () -> PipeChannel.of(pair[0]));
        PipeChannel far = on(loop, () -> PipeChannel.of(pair[1]));
        CompletableFuture<CompletableFuture<Integer>> behind = new CompletableFuture<>();
        between = () -> {
            behind.complete(near.writeAsync(ByteBuffer.wrap(new byte[] {2})));
            on(loop, () -> null);
        };
        // In place, the system would take more than one part of it.
        ByteBuffer first = ByteBuffer.allocate(100_000);
        ByteBuffer second = ByteBuffer.allocate(100_000);
        Running<Long> writing = ChannelFixture.start(() -> near.write(new ByteBuffer[] {first, second}));
        ByteBuffer all = ByteBuffer.allocate(200_001);
        while (all.hasRemaining()) {
            far.read(all);
        }
        assertEquals(200_000, writing.get());
        assertEquals(1, ChannelFixture.get(ChannelFixture.get(behind)));
        for (int i = 0; i < 200_000; i++) {
            assertEquals(0, all.get(i), "at " + i);
        }
        assertEquals(2, all.get(200_000));
        assertEquals(3, near.write(ByteBuffer.allocate(3)), "and threads write for themselves again");
        assertTrue(parts.get() > 2);
        near.close();
        ChannelFixture.get(far.closeAsync());
        loop.stop();
    }

    /** What follows on lost bytes is no part of the same stream: neither the loop nor a thread writes behind them. */
    @Test
    void nothingIsWrittenBehindWhatAPipeHadQueuedInVain() throws Exception {
        Loop loop = start();
        Pipe[] pair = on(loop, () -> Pipe.pair(loop));
        CompletableFuture<PanpipeException> lost = new CompletableFuture<>();
        between = () -> {
            throw new KernelException(Fault.EIO, 0, "write");
        };
        PipeChannel near = on(loop, () -> {
            pair[0].write(new byte[10], (pipe, error) -> lost.complete(error));
            failsWriting.set(true);
            return PipeChannel.of(pair[0]);
        });
        assertEquals(ErrorCode.EIO, ChannelFixture.get(lost).code());
        on(loop, () -> null);
        PanpipeException refused = assertThrows(PanpipeException.class, () -> near.write(ByteBuffer.allocate(1)));
        assertEquals(ErrorCode.EPIPE, refused.code());
        on(loop, () -> {
            pair[1].close();
            return null;
        });
        ChannelFixture.get(near.closeAsync());
        loop.stop();
    }

    @Test
    void anErrorOfAConnectOrAnAcceptIsTheCallersAndTheNextOneWorks() throws Exception {
        Loop loop = start();
        String name = name();
        PipeServerChannel server = PipeServerChannel.bind(loop, name);
        runsOut.set(true);
        Throwable refused = ChannelFixture.start(
                () -> assertThrows(Throwable.class, () -> PipeChannel.connect(loop, name))).get();
        assertTrue(refused.toString().contains("no room for a pipe"), refused::toString);
        PipeChannel unlucky = PipeChannel.connect(loop, name);
        refusesReading.set(true);
        refused = ChannelFixture.start(() -> assertThrows(Throwable.class, server::accept)).get();
        assertTrue(refused.toString().contains("no room for a reader"), refused::toString);
        assertEquals(-1, unlucky.read(ByteBuffer.allocate(1)), "closed");
        unlucky.close();
        PipeChannel client = PipeChannel.connect(loop, name);
        PipeChannel accepted = ChannelFixture.start(server::accept).get();
        client.write(ByteBuffer.allocate(3));
        ByteBuffer into = ByteBuffer.allocate(3);
        while (into.hasRemaining()) {
            accepted.read(into);
        }
        runsOut.set(true);
        assertTrue(ChannelFixture.failure(PipeServerChannel.bindAsync(loop, name())).toString().contains("no room"));
        client.close();
        accepted.close();
        ChannelFixture.get(server.closeAsync());
        loop.stop();
    }

    private static String name() {
        return Pipe.portableName("failing-" + UUID.randomUUID());
    }
}
