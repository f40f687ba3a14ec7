/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.testbed.Patience;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Copying much at once, which kernels may do without showing the bytes to the process; nobody must notice.
 *
 * <p>What is written to {@code in.a()} is read from {@code out.b()}.
 */
public abstract class PipeToBulkContract extends Contract {

    private static final int MUCH = 5_000_000;
    private static final Duration IDLE = Duration.ofMillis(60);

    private final Random random = new Random(7);
    private Ends in;
    private Ends out;

    @BeforeEach
    void openBoth() throws Exception {
        in = connected();
        out = connected();
    }

    private void copy() throws PanpipeException {
        in.b().pipeTo(out.a(), logs("copied"));
    }

    /** Writes a pattern in pieces of any size, the next one when the last one is taken, and then ends the stream. */
    private void writeInPieces(Pipe pipe, byte[] data, int from) {
        if (from == data.length) {
            finishWriting(pipe);
            return;
        }
        int[] sizes = {1, 64, 1000, 4096, 16_384, 65_536, 65_537, 200_000};
        int length = Math.min(data.length - from, 1 + random.nextInt(sizes[random.nextInt(sizes.length)]));
        pipe.write(ByteBuffer.wrap(data, from, length), (same, error) -> {
            throwIfAny(error);
            writeInPieces(pipe, data, from + length);
        });
    }

    /** Copies until the sink takes no more. */
    private void fill() throws PanpipeException {
        copy();
        in.a().write(pattern(MUCH), (a, error) -> log.add(error == null ? "all taken" : "not all taken"));
        long[] size = new long[1];
        int[] quiet = new int[1];
        Timer ticks = new Timer(loop);
        ticks.start(tick -> {
            quiet[0] = size[0] > 0 && size[0] == out.a().writeQueueSize() ? quiet[0] + 1 : 0;
            size[0] = out.a().writeQueueSize();
        }, Duration.ofMillis(1), Duration.ofMillis(1));
        runUntil(() -> quiet[0] == 20);
        ticks.close();
        assertFalse(log.contains("all taken"));
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void piecesOfAllSizesArriveInOrder() throws Exception {
        byte[] data = pattern(MUCH);
        copy();
        writeInPieces(in.a(), data, 0);
        Received received = receiveOnly(out.b());
        runUntil(() -> received.size() == data.length);
        assertArrayEquals(data, received.bytes());
        runUntil(() -> log.contains("copied"));
    }

    @Test
    void aReaderThatPausesGetsAll() throws Exception {
        byte[] data = pattern(MUCH);
        copy();
        writeInPieces(in.a(), data, 0);
        Received received = new Received(false);
        out.b().startRead(received);
        while (received.size() < data.length) {
            run(RunMode.ONCE);
            if (random.nextInt(4) == 0) {
                out.b().stopRead();
                run(RunMode.NOWAIT);
                run(RunMode.NOWAIT);
                out.b().startRead(received);
            }
        }
        assertArrayEquals(data, received.bytes());
    }

    @Test
    void whatIsWrittenByHandKeepsItsPlace() throws Exception {
        byte[] data = new byte[MUCH];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i % 251);
        }
        copy();
        writeInPieces(in.a(), data, 0);
        List<Integer> byHand = new ArrayList<>();
        int[] copied = new int[1];
        out.b().startRead((b, piece, error) -> {
            while (piece != null && piece.hasRemaining()) {
                int value = piece.get() & 0xff;
                if (value > 250) {
                    byHand.add(value);
                } else {
                    assertEquals(copied[0]++ % 251, value);
                }
            }
        });
        List<Integer> written = new ArrayList<>();
        while (copied[0] < data.length) {
            run(RunMode.ONCE);
            if (!out.a().writable()) {
                continue;
            }
            int value = 251 + written.size() % 5;
            written.add(value);
            out.a().write(new byte[] {(byte) value}, (a, error) -> {});
        }
        assertTrue(byHand.size() <= written.size());
        assertEquals(written.subList(0, byHand.size()), byHand);
        assertTrue(byHand.size() > 1, "it was written meanwhile");
    }

    @Test
    void whatWaitsCountsAndEndsReading() throws Exception {
        fill();
        long size = out.a().writeQueueSize();
        assertTrue(size > 0 && size <= 128 * 1024, () -> "queued: " + size);
        long before = loop.metrics().iterations();
        new Timer(loop).start(timer -> {
            timer.close();
            log.add("turns");
        }, Duration.ofMillis(50));
        runUntil(() -> log.contains("turns"));
        long turns = loop.metrics().iterations() - before;
        assertTrue(turns < 15, () -> "the loop spins: " + turns + " turns");
        assertEquals(size, out.a().writeQueueSize());
        Received received = receiveOnly(out.b());
        runUntil(() -> received.size() == MUCH);
        assertEquals(0, out.a().writeQueueSize());
        runUntil(() -> log.contains("all taken"));
    }

    @Test
    void theDrainCallbackComesWhenWhatWaitedIsGone() throws Exception {
        out.a().onDrain(a -> {
            log.add("drain");
            assertTrue(a.writeQueueSize() <= 16 * 1024);
        });
        fill();
        Received received = receiveOnly(out.b());
        runUntil(() -> received.size() == MUCH && log.contains("all taken"));
        assertTrue(log.contains("drain"));
    }

    @Test
    void whatWasTakenArrivesThoughCopyingIsStopped() throws Exception {
        fill();
        in.b().stopRead();
        runUntil(() -> log.contains("copied ECANCELED"));
        Received before = receiveOnly(out.b());
        runUntil(() -> out.a().writeQueueSize() == 0);
        out.a().write(bytes("!"), logs("by hand"));
        runUntil(() -> before.size() > 0 && before.bytes()[before.size() - 1] == '!' && log.contains("by hand"));
        settle();
        Received after = receiveOnly(in.b());
        int copied = before.size() - 1;
        runUntil(() -> copied + after.size() == MUCH);
        assertArrayEquals(pattern(MUCH), join(Arrays.copyOf(before.bytes(), copied), after.bytes()));
    }

    @Test
    void copyingMayGoOnAfterAPause() throws Exception {
        fill();
        in.b().stopRead();
        runUntil(() -> log.contains("copied ECANCELED"));
        copy();
        Received received = receiveOnly(out.b());
        runUntil(() -> received.size() == MUCH);
        assertArrayEquals(pattern(MUCH), received.bytes());
    }

    @Test
    void anotherSinkGoesOnWhereTheFirstWasLeft() throws Exception {
        Ends third = ends();
        fill();
        in.b().stopRead();
        in.b().pipeTo(third.a());
        Received first = receiveOnly(out.b());
        Received second = receiveOnly(third.b());
        runUntil(() -> first.size() + second.size() == MUCH);
        assertTrue(first.size() > 0 && second.size() > 0);
        assertArrayEquals(pattern(MUCH), join(first.bytes(), second.bytes()));
    }

    @Test
    void whatWasTakenArrivesThoughTheSourceIsClosed() throws Exception {
        fill();
        in.b().close();
        runUntil(() -> log.contains("copied ECANCELED"));
        long queued = out.a().writeQueueSize();
        assertTrue(queued > 0);
        finishWriting(out.a());
        Received received = receiveOnly(out.b());
        runUntil(() -> received.end() != null);
        assertEquals(ErrorCode.EOF, received.end());
        assertTrue(received.size() >= queued);
        assertArrayEquals(pattern(received.size()), received.bytes());
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void shutdownOfTheSinkWaitsForWhatWasTaken() throws Exception {
        fill();
        out.a().shutdown(logs("shut down"));
        settle();
        assertFalse(log.contains("shut down"));
        Received received = receiveOnly(out.b());
        runUntil(() -> received.end() != null);
        assertEquals(ErrorCode.EOF, received.end());
        assertArrayEquals(pattern(received.size()), received.bytes());
        runUntil(() -> log.contains("shut down") && log.contains("copied EPIPE"));
    }

    @Test
    void closeOfTheSinkDropsWhatWasTaken() throws Exception {
        fill();
        out.a().close(notes("closed"));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("copied ECANCELED", "closed"), log);
        assertFalse(in.b().active());
        receiveOnly(in.b());
        runUntil(() -> log.contains("all taken"));
    }

    @Test
    void whatAClosedSinkHeldReachesNoOtherStream() throws Exception {
        fill();
        out.a().close();
        runUntil(() -> log.contains("copied ECANCELED"));
        Ends next = connected();
        Ends nextOut = connected();
        byte[] data = new byte[300_000];
        Arrays.fill(data, (byte) '!');
        next.b().pipeTo(nextOut.a());
        next.a().write(data, (a, error) -> {});
        int[] own = new int[1];
        nextOut.b().startRead((b, piece, error) -> {
            while (piece != null && piece.hasRemaining()) {
                assertEquals('!', piece.get(), "a byte of another connection");
                own[0]++;
            }
        });
        Timer patience = new Timer(loop);
        patience.start(timer -> fail(own[0] + " bytes have come, and no more do"), Patience.seconds(20));
        runUntil(() -> own[0] == data.length);
        patience.close();
    }

    @Test
    void closeOfTheSinkDropsAlsoWhatWasWrittenBehindIt() throws Exception {
        fill();
        Ends others = ends();
        out.a().write(bytes("by hand"), logs("written"));
        out.a().close(notes("closed"));
        runUntil(() -> log.size() == 3);
        // A kernel that takes more by chance may have taken that, or both may have been queued together.
        assertTrue(log.contains("copied ECANCELED"), log::toString);
        assertTrue(log.contains("written ECANCELED") || log.contains("written"), log::toString);
        assertEquals("closed", log.get(2));
        assertEquals(0, out.a().writeQueueSize());
        assertTalks(others);
    }

    @Test
    void theEndOfTheSinksReaderEndsTheCopying() throws Exception {
        fill();
        out.b().close();
        runUntil(() -> !log.isEmpty());
        assertTrue(Set.of("copied EPIPE", "copied ECONNRESET").contains(log.getFirst()), log::toString);
        assertEquals(0, out.a().writeQueueSize());
        assertFalse(in.b().active());
        receiveOnly(in.b());
        runUntil(() -> log.contains("all taken"));
    }

    @Test
    void theSinksReaderMayLeaveBetweenTwoPieces() throws Exception {
        copy();
        Received received = receive(out.b(), 400_000);
        in.a().write(pattern(400_000));
        runUntil(() -> received.size() == 400_000);
        out.b().close();
        settle();
        in.a().write(pattern(400_000), (a, error) -> {});
        runUntil(() -> !log.isEmpty());
        assertTrue(Set.of("copied EPIPE", "copied ECONNRESET").contains(log.getFirst()), log::toString);
        assertEquals(1, log.size(), log::toString);
        assertEquals(0, out.a().writeQueueSize());
        assertFalse(in.b().active());
    }

    /** Also where the kernel refuses for a moment to move on what it holds, and would take a write. */
    @Test
    void whatIsWrittenByHandDoesNotOvertakeWhatTheKernelHolds() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean(true);
        try (Loop other = KernelAccess.loop(refusing(Kernel.class, kernel.kernel(), refuses), kernel.options())) {
            Pipe[] from = Pipe.pair(other);
            Pipe[] to = Pipe.pair(other);
            from[1].pipeTo(to[0], logs("copied"));
            from[0].write(pattern(300_000));
            for (int i = 0; i < 50; i++) {
                other.run(RunMode.NOWAIT);
            }
            from[1].stopRead();
            to[0].write(bytes("!"), logs("by hand"));
            other.run(RunMode.NOWAIT);
            refuses.set(false);
            Received received = new Received(false);
            to[1].startRead(received);
            while (log.size() < 2 || to[0].writeQueueSize() > 0 || received.size() == 0) {
                other.run(RunMode.ONCE);
            }
            to[0].close();
            while (received.end() == null) {
                other.run(RunMode.ONCE);
            }
            int copied = received.size() - 1;
            assertEquals('!', received.bytes()[copied], "last");
            assertArrayEquals(pattern(copied), Arrays.copyOf(received.bytes(), copied));
        }
    }

    /** Makes a part of a kernel that at times does not give a sink what it holds for it. */
    private static <T> T refusing(Class<T> part, Object whole, AtomicBoolean refuses) {
        return part.cast(Proxy.newProxyInstance(part.getClassLoader(), new Class<?>[] {part}, (proxy, method, args) -> {
            if (method.getName().equals("give") && refuses.get()) {
                return StreamChannel.WOULD_BLOCK;
            }
            Object result;
            try {
                result = method.invoke(whole, args);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
            return switch (method.getName()) {
                case "openSelector" -> refusing(Selector.class, result, refuses);
                case "transfer" -> result == null ? null : refusing(Transfer.class, result, refuses);
                default -> result;
            };
        }));
    }

    @Test
    void manyAtOnceBothWays() throws Exception {
        byte[] data = pattern(300_000);
        List<Received> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Ends from = ends();
            Ends to = ends();
            from.b().pipeTo(to.a());
            to.a().pipeTo(from.b());
            to.b().pipeTo(to.b());
            all.add(receive(from.a(), data.length));
            from.a().write(data, (a, error) -> throwIfAny(error));
        }
        runUntil(() -> all.stream().allMatch(received -> received.size() == data.length));
        all.forEach(received -> assertArrayEquals(data, received.bytes()));
        uncaught.clear();
    }

    @Test
    void movingPutsTheIdleTimeoutsOff() throws Exception {
        copy();
        receiveOnly(out.b());
        // Bytes that are written are copied some time after the call, and before the timers of the turn of their callback.
        long[] written = {loop.now()};
        for (Pipe pipe : List.of(in.b(), out.a())) {
            pipe.idleTimeout(IDLE, idle -> {
                log.add("idle");
                long quiet = loop.now() - written[0];
                assertTrue(quiet >= IDLE.toMillis() - 1, () -> quiet + " ms");
                if (log.size() == 2) {
                    in.close();
                    out.close();
                }
            });
        }
        int[] left = {8};
        new Timer(loop).start(timer -> {
            if (--left[0] == 0 || in.a().closed()) {
                timer.close();
            } else {
                long begun = loop.now();
                in.a().write(new byte[60_000], (a, error) -> written[0] = begun);
            }
        }, Duration.ofMillis(5), Duration.ofMillis(15));
        runUntil(() -> log.contains("copied ECANCELED"));
        assertEquals(List.of("idle", "idle"), log.subList(0, 2));
    }
}
