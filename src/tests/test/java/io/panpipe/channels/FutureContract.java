/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadPendingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What futures of a channel promise. */
abstract class FutureContract extends ChannelFixture {

    @Test
    void everythingWorksWithoutAWait() throws Exception {
        String name = freshName();
        PipeServerChannel server = closing(get(PipeServerChannel.bindAsync(loop, name)));
        CompletableFuture<PipeChannel> accepting = server.acceptAsync();
        PipeChannel client = closing(get(PipeChannel.connectAsync(loop, name)));
        PipeChannel connection = closing(get(accepting));
        ByteBuffer into = ByteBuffer.allocate(100);
        CompletableFuture<Integer> reading = connection.readAsync(into);
        assertFalse(reading.isDone());
        assertEquals(5, get(client.writeAsync(bytes("hello"))));
        assertEquals(5, get(reading));
        assertEquals("hello", text(into));
        get(client.closeAsync());
        assertEquals(-1, get(connection.readAsync(into.clear())));
        assertEquals(0, get(connection.readAsync(ByteBuffer.allocate(0))));
    }

    @Test
    void halfCloseComesBehindWhatWasWritten() throws Exception {
        assumeFalse(WINDOWS, "named pipes have no half-close");
        Ends ends = ends();
        byte[] much = new byte[4 * 1024 * 1024];
        new Random(2).nextBytes(much);
        CompletableFuture<Integer> written = ends.a().writeAsync(ByteBuffer.wrap(much));
        CompletableFuture<Void> ended = ends.a().shutdownOutputAsync();
        assertFalse(ended.isDone());
        assertArrayEquals(much, ends.b().inputStream().readAllBytes());
        assertEquals(much.length, get(written));
        get(ended);
        assertThrows(ClosedChannelException.class, () -> ends.a().write(bytes("x")));
        assertEquals(ClosedChannelException.class, failure(ends.a().writeAsync(bytes("x"))).getClass());
    }

    @Test
    void aSecondHalfCloseIsWithoutEffect() throws Exception {
        assumeFalse(WINDOWS, "named pipes have no half-close");
        Ends ends = ends();
        CompletableFuture<Integer> written = ends.a().writeAsync(ByteBuffer.allocate(8 * 1024 * 1024));
        CompletableFuture<Void> first = ends.a().shutdownOutputAsync();
        CompletableFuture<Void> second = ends.a().shutdownOutputAsync();
        ends.a().writeTimeout(Duration.ofMillis(10));
        assertThrows(SocketTimeoutException.class, () -> ends.a().shutdownOutput());
        assertFalse(first.isDone() || second.isDone());
        assertEquals(8 * 1024 * 1024, ends.b().inputStream().readAllBytes().length);
        get(written);
        get(first);
        get(second);
        get(ends.a().shutdownOutputAsync());
        ends.a().writeTimeout(Duration.ZERO);
        ends.a().shutdownOutput();
    }

    @Test
    void aLongChainOfReadsOnTheLoopDoesNotNest() throws Exception {
        Ends ends = ends();
        ByteBuffer much = ByteBuffer.allocate(1 << 19);
        CompletableFuture<Integer> written = ends.b().writeAsync(much);
        await("data is there", () -> available(ends.a()) > 0);
        CompletableFuture<Integer> deepest = new CompletableFuture<>();
        loop.execute(() -> readOn(ends.a(), ByteBuffer.allocate(16), (1 << 15) - 1, 0, deepest));
        int frames = get(deepest);
        assertTrue(frames < 500, () -> frames + " frames deep");
        assertEquals(much.capacity(), get(written));
    }

    /** Reads so often, and tells how deep the stack was at the deepest. */
    private static void readOn(
            PipeChannel channel, ByteBuffer into, int times, int deepest, CompletableFuture<Integer> told) {
        int depth = times % 61 == 0 ? Math.max(deepest, new Throwable().getStackTrace().length) : deepest;
        if (times == 0) {
            told.complete(depth);
            return;
        }
        channel.readAsync(into.clear())
                .thenAccept(count -> readOn(channel, into, times - 1, depth, told))
                .whenComplete((nothing, failed) -> {
                    if (failed != null) {
                        told.completeExceptionally(failed);
                    }
                });
    }

    @Test
    void connectTellsAWrongTimeAtOnceAndKeepsNoPipe() throws Exception {
        int before = onLoop(() -> loop.handles().size());
        for (Duration wrong : List.of(Duration.ofMillis(-1), Duration.ofDays(365 * 1_000))) {
            assertThrows(IllegalArgumentException.class, () -> PipeChannel.connectAsync(loop, "never", wrong));
            assertThrows(IllegalArgumentException.class, () -> PipeChannel.connect(loop, "never", wrong));
        }
        assertThrows(NullPointerException.class, () -> PipeChannel.connect(loop, null));
        assertEquals(before, onLoop(() -> loop.handles().size()));
    }

    @Test
    void writesLeaveInTheOrderInWhichTheyWereAskedFor() throws Exception {
        Ends ends = ends();
        List<CompletableFuture<Integer>> writes = new ArrayList<>();
        byte[] all = new byte[3_000_000];
        new Random(3).nextBytes(all);
        for (int from = 0, length = 1; from < all.length; from += length, length = length * 3 % 65_537 + 1) {
            length = Math.min(length, all.length - from);
            ByteBuffer part = ByteBuffer.wrap(all, from, length).slice();
            writes.add(ends.a().writeAsync(length % 2 == 0 ? part : direct(part)));
        }
        assertArrayEquals(all, ends.b().inputStream().readNBytes(all.length));
        int sum = 0;
        for (CompletableFuture<Integer> write : writes) {
            sum += get(write);
        }
        assertEquals(all.length, sum);
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }

    @Test
    void aReadThatIsCancelledLeavesTheDataForTheNext() throws Exception {
        Ends ends = ends();
        ByteBuffer untouched = ByteBuffer.allocate(100);
        CompletableFuture<Integer> reading = ends.a().readAsync(untouched);
        assertThrows(ReadPendingException.class, () -> ends.a().readAsync(ByteBuffer.allocate(1)));
        assertThrows(ReadPendingException.class, () -> ends.a().read(ByteBuffer.allocate(1)));
        assertTrue(reading.cancel(true));
        assertThrows(CancellationException.class, reading::join);
        ends.b().write(bytes("kept"));
        assertEquals("kept", readText(ends.a(), 4));
        assertEquals(0, untouched.position());
        assertEquals(0, untouched.get(0));
    }

    @Test
    void readsThatAreCancelledInTheMidstOfTrafficLoseNothing() throws Exception {
        Ends ends = ends();
        int total = 300_000;
        Running<Integer> writer = start(() -> {
            ByteBuffer data = ByteBuffer.allocate(total);
            for (int i = 0; i < total; i++) {
                data.put((byte) i);
            }
            data.flip();
            while (data.hasRemaining()) {
                ends.a().write(data.duplicate().limit(Math.min(total, data.position() + 100)));
                data.position(Math.min(total, data.position() + 100));
            }
            return total;
        });
        int received = 0;
        int cancelled = 0;
        while (received < total) {
            ByteBuffer into = ByteBuffer.allocate(1000);
            CompletableFuture<Integer> reading = ends.b().readAsync(into);
            if (reading.cancel(false)) {
                cancelled++;
                assertEquals(0, into.position());
                Thread.yield();
                continue;
            }
            assertEquals(get(reading), into.position());
            for (into.flip(); into.hasRemaining(); received++) {
                assertEquals((byte) received, into.get());
            }
        }
        assertEquals(total, writer.get());
        assertTrue(cancelled > 0);
    }

    @Test
    void aReadThatIsCompletedByASupplierOrByForceIsWithdrawn() throws Exception {
        Ends ends = ends();
        ByteBuffer supplied = ByteBuffer.allocate(10);
        assertEquals(77, get(ends.a().readAsync(supplied).completeAsync(() -> 77)));
        ByteBuffer broken = ByteBuffer.allocate(10);
        assertInstanceOf(ArithmeticException.class, failure(ends.a().readAsync(broken).completeAsync(() -> {
            throw new ArithmeticException();
        }, Runnable::run)));
        ByteBuffer forced = ByteBuffer.allocate(10);
        ends.a().readAsync(forced).obtrudeValue(5);
        ByteBuffer failed = ByteBuffer.allocate(10);
        ends.a().readAsync(failed).obtrudeException(new ArithmeticException());
        get(ends.b().writeAsync(bytes("data")));
        ByteBuffer into = ByteBuffer.allocate(10);
        assertEquals(4, get(ends.a().readAsync(into)));
        assertEquals("data", text(into));
        for (ByteBuffer left : List.of(supplied, broken, forced, failed)) {
            assertEquals(0, left.position());
        }
    }

    @Test
    void aSupplierComesTooLateForWhatIsDone() throws Exception {
        Ends ends = ends();
        get(ends.b().writeAsync(bytes("data")));
        CompletableFuture<Integer> reading = ends.a().readAsync(ByteBuffer.allocate(10));
        assertEquals(4, get(reading));
        assertEquals(4, get(reading.completeAsync(() -> 77)));
    }

    @Test
    void theLoopsOwnThreadDoesNotWaitForWhatItHasToDo() throws Exception {
        String name = freshName();
        Ends ends = ends();
        onLoop(() -> {
            CompletableFuture<Integer> reading = ends.a().readAsync(ByteBuffer.allocate(10));
            List<CompletableFuture<?>> all = List.of(
                    reading,
                    reading.thenApply(count -> count + 1),
                    reading.copy(),
                    PipeChannel.connectAsync(loop, name),
                    PipeServerChannel.bindAsync(loop, name),
                    ends.b().writeAsync(bytes("x")),
                    ends.b().closeAsync());
            for (CompletableFuture<?> pending : all) {
                assertThrows(IllegalStateException.class, pending::join);
                assertThrows(IllegalStateException.class, pending::get);
                assertThrows(IllegalStateException.class, () -> pending.get(1, TimeUnit.SECONDS));
            }
            all.forEach(pending -> pending.cancel(false));
            assertEquals(3, CompletableFuture.completedFuture(3).join());
            return null;
        });
        // What is done already may be asked for anywhere.
        assertEquals(0, onLoop(() -> ends.a().readAsync(ByteBuffer.allocate(0)).join()));
    }

    @Test
    void aFutureThatTimesOutIsWithdrawn() throws Exception {
        Ends ends = ends();
        assertInstanceOf(TimeoutException.class,
                failure(ends.a().readAsync(ByteBuffer.allocate(1)).orTimeout(10, TimeUnit.MILLISECONDS)));
        CompletableFuture<Integer> reading = ends.a().readAsync(ByteBuffer.allocate(1));
        assertEquals(-7, get(reading.completeOnTimeout(-7, 10, TimeUnit.MILLISECONDS)));
        ends.b().write(bytes("x"));
        assertEquals(1, get(ends.a().readAsync(ByteBuffer.allocate(1)).orTimeout(1, TimeUnit.HOURS)));
    }

    @Test
    void aWriteThatIsCancelledWritesNoMore() throws Exception {
        Ends ends = ends();
        ByteBuffer much = ByteBuffer.allocate(8 * 1024 * 1024);
        CompletableFuture<Integer> stuck = ends.a().writeAsync(much);
        CompletableFuture<Integer> behind = ends.a().writeAsync(bytes("never"));
        CompletableFuture<Integer> last = ends.a().writeAsync(bytes("end"));
        await("the write has begun", () -> much.position() > 0);
        assertTrue(behind.cancel(false));
        assertTrue(stuck.cancel(false));
        int written = much.position();
        byte[] received = ends.b().inputStream().readNBytes(written + 3);
        assertEquals("end", new String(received, written, 3));
        assertEquals(3, get(last));
        assertFalse(stuck.cancel(false) && !stuck.isCancelled());
    }

    @Test
    void anAcceptThatIsCancelledLeavesTheClientForTheNext() throws Exception {
        PipeServerChannel server = server();
        CompletableFuture<PipeChannel> first = server.acceptAsync();
        CompletableFuture<PipeChannel> second = server.acceptAsync();
        assertTrue(first.cancel(false));
        PipeChannel client = closing(PipeChannel.connect(loop, server.localName()));
        PipeChannel connection = closing(get(second));
        client.write(bytes("x"));
        assertEquals("x", readText(connection, 1));
    }

    @Test
    void aConnectThatIsCancelledLeavesNoConnection() throws Exception {
        PipeServerChannel server = server();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<PipeChannel> connecting = PipeChannel.connectAsync(loop, server.localName());
            for (int spin = 0; spin < i; spin++) {
                Thread.yield();
            }
            if (!connecting.cancel(false)) {
                get(connecting).close();
            }
        }
    }

    @Test
    void closingFailsWhatIsPending() throws Exception {
        Ends ends = ends();
        PipeServerChannel server = server();
        CompletableFuture<Integer> reading = ends.a().readAsync(ByteBuffer.allocate(1));
        CompletableFuture<Integer> writing = ends.a().writeAsync(ByteBuffer.allocate(8 * 1024 * 1024));
        CompletableFuture<Integer> behind = ends.a().writeAsync(bytes("x"));
        CompletableFuture<PipeChannel> accepting = server.acceptAsync();
        ends.a().close();
        server.close();
        for (CompletableFuture<?> future : List.of(reading, writing, behind, accepting)) {
            assertInstanceOf(AsynchronousCloseException.class, failure(future));
        }
        for (CompletableFuture<?> future : List.of(ends.a().readAsync(ByteBuffer.allocate(1)),
                ends.a().writeAsync(bytes("x")), ends.a().shutdownOutputAsync(), server.acceptAsync())) {
            assertEquals(ClosedChannelException.class, failure(future).getClass());
        }
        assertNull(get(ends.a().closeAsync()));
    }

    @Test
    void closingTheLoopFailsWhatIsPending() throws Exception {
        Ends ends = ends();
        Ends others = ends();
        CompletableFuture<Integer> reading = ends.a().readAsync(ByteBuffer.allocate(1));
        CompletableFuture<Integer> writing = others.a().writeAsync(ByteBuffer.allocate(8 * 1024 * 1024));
        CompletableFuture<PipeChannel> accepting = server().acceptAsync();
        thread.close();
        for (CompletableFuture<?> future : List.of(reading, writing, accepting)) {
            assertInstanceOf(AsynchronousCloseException.class, failure(future));
        }
        assertThrows(IllegalStateException.class, () -> PipeChannel.connectAsync(loop, "never"));
    }

    @Test
    void failuresAreTold() throws Exception {
        PanpipeException none =
                assertInstanceOf(PanpipeException.class, failure(PipeChannel.connectAsync(loop, freshName())));
        assertEquals(ErrorCode.ENOENT, none.code());
        CompletableFuture<?> binding = PipeServerChannel.bindAsync(loop, freshName() + "x".repeat(5_000));
        assertEquals(ErrorCode.ENAMETOOLONG, assertInstanceOf(PanpipeException.class, failure(binding)).code());
        Ends ends = ends();
        get(ends.b().closeAsync());
        PanpipeException broken = assertInstanceOf(PanpipeException.class, failure(writeUntilItFails(ends.a())));
        assertEquals(ErrorCode.EPIPE, broken.code());
    }

    private static CompletableFuture<Integer> writeUntilItFails(PipeChannel channel) {
        return channel.writeAsync(bytes("x")).thenCompose(count -> writeUntilItFails(channel));
    }

    @Test
    void aChainOfFuturesServesWithoutAThread() throws Exception {
        PipeServerChannel server = server();
        server.acceptAsync().thenCompose(FutureContract::echo);
        PipeChannel client = closing(PipeChannel.connect(loop, server.localName()));
        for (int i = 0; i < 5_000; i++) {
            client.write(bytes("ping"));
            assertEquals("ping", readText(client, 4));
        }
    }

    private static CompletableFuture<Void> echo(PipeChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        return channel.readAsync(buffer).thenCompose(count -> count < 0
                ? channel.closeAsync()
                : channel.writeAsync(buffer.flip()).thenCompose(all -> echo(channel)));
    }
}
