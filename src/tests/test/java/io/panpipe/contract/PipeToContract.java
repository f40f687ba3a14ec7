/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copying one stream to another: what is written to {@code in.a()} is read from {@code out.b()}. */
public abstract class PipeToContract extends Contract {

    private Ends in;
    private Ends out;

    @BeforeEach
    void openBoth() throws Exception {
        in = connected();
        out = connected();
    }

    /** Copies, and passes on the end also where the sink has to be closed for that. */
    private void copy() throws PanpipeException {
        in.b().pipeTo(out.a(), (source, error) -> {
            logs("copied").call(source, error);
            if (error == null && !kernel.has(Trait.HALF_CLOSE)) {
                out.a().close();
            }
        });
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void allIsCopiedAndTheEndIsPassedOn() throws Exception {
        copy();
        byte[] data = pattern(3_000_000);
        in.a().write(data);
        in.a().shutdown();
        Received received = receiveOnly(out.b());
        assertEquals(List.of(), log);
        run();
        assertArrayEquals(data, received.bytes());
        assertEquals(ErrorCode.EOF, received.end());
        assertEquals(List.of("copied"), log);
        assertFalse(in.b().closed(), "neither handle is closed");
        assertFalse(out.a().closed());
        assertFalse(out.a().writable(), "the sink is shut down");
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void bothDirectionsMayBeCopied() throws Exception {
        in.b().pipeTo(out.a(), logs("there"));
        out.a().pipeTo(in.b(), logs("back"));
        byte[] data = pattern(1_000_000);
        in.a().write(data);
        in.a().shutdown();
        Received back = receive(in.a());
        out.b().startRead((b, piece, error) -> {
            if (piece != null) {
                b.write(piece);
            } else {
                b.shutdown((ended, none) -> ended.close());
            }
        });
        run();
        assertArrayEquals(data, back.bytes());
        assertEquals(List.of("there", "back"), log);
    }

    @Test
    void aSlowSinkHoldsTheSourceBack() throws Exception {
        copy();
        in.a().write(new byte[20_000_000], logs("all taken"));
        for (int i = 0; i < 50; i++) {
            run(RunMode.NOWAIT);
            assertTrue(out.a().writeQueueSize() <= 64 * 1024 + 64 * 1024, () -> "queued: " + out.a().writeQueueSize());
        }
        assertEquals(List.of(), log);
        Received received = receiveOnly(out.b());
        finishWriting(in.a());
        runUntil(() -> received.end() != null);
        assertEquals(20_000_000, received.size());
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("all taken", "copied"), log);
    }

    @Test
    void theSinksOwnMarksCount() throws Exception {
        out.a().writeWatermarks(0, 1000);
        copy();
        in.a().write(new byte[5_000_000]);
        for (int i = 0; i < 50; i++) {
            run(RunMode.NOWAIT);
            assertTrue(out.a().writeQueueSize() <= 1000 + 64 * 1024);
        }
        Received received = receiveOnly(out.b());
        finishWriting(in.a());
        runUntil(() -> !log.isEmpty());
        runUntil(() -> received.end() != null);
        assertEquals(5_000_000, received.size());
    }

    @Test
    void aSourceThatCannotBeWatchedAgainEndsTheCopying() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean();
        try (Loop other = KernelAccess.loop(unwatchable(Kernel.class, kernel.kernel(), refuses), kernel.options())) {
            Pipe[] from = Pipe.pair(other);
            Pipe[] to = Pipe.pair(other);
            from[1].pipeTo(to[0], logs("copied"));
            from[0].write(new byte[20_000_000], (pipe, error) -> {});
            while (to[0].writeQueueSize() == 0 || from[1].active()) {
                other.run(RunMode.NOWAIT);
            }
            to[1].startRead((pipe, data, error) -> {});
            refuses.set(true);
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("copied ENOMEM"), log);
        }
    }

    /** Makes a part of a kernel whose pipes cannot be watched for data at times: epoll_ctl(2) without memory. */
    private static <T> T unwatchable(Class<T> part, Object whole, AtomicBoolean refuses) {
        return part.cast(Proxy.newProxyInstance(part.getClassLoader(), new Class<?>[] {part}, (proxy, method, args) -> {
            boolean watches = method.getName().equals("interest") && ((int) args[0] & StreamChannel.READ) != 0;
            if (watches && refuses.get()) {
                throw new KernelException(Fault.ENOMEM, 0, "epoll_ctl");
            }
            Object result;
            try {
                // What moves bytes inside the kernel needs its own channels.
                result = method.getName().equals("transfer") ? null : method.invoke(whole, args);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
            return switch (method.getName()) {
                case "openSelector" -> unwatchable(Selector.class, result, refuses);
                case "pair" -> {
                    PipeChannel[] pair = (PipeChannel[]) result;
                    yield new PipeChannel[] {pair[0], unwatchable(PipeChannel.class, pair[1], refuses)};
                }
                default -> result;
            };
        }));
    }

    @Test
    void theUsersDrainCallbackStillWorks() throws Exception {
        out.a().onDrain(notes("drain"));
        copy();
        in.a().write(new byte[5_000_000]);
        finishWriting(in.a());
        Received received = receiveOnly(out.b());
        runUntil(() -> received.end() != null && log.contains("copied"));
        assertEquals(5_000_000, received.size());
        assertTrue(log.contains("drain"));
    }

    @Test
    void closeOfTheSourceIsEcanceledOnce() throws Exception {
        copy();
        settle();
        in.b().close(notes("closed"));
        assertEquals(List.of(), log);
        runUntil(() -> log.contains("closed"));
        settle();
        assertEquals(List.of("copied ECANCELED", "closed"), log);
        assertTrue(out.a().writable(), "the sink is left as it is");
    }

    @Test
    void closeOfTheSinkIsEcanceledOnce() throws Exception {
        copy();
        settle();
        out.a().close(notes("closed"));
        runUntil(() -> log.size() == 2);
        in.a().write(bytes("nobody reads this"));
        settle();
        assertEquals(List.of("copied ECANCELED", "closed"), log);
        assertFalse(in.b().active(), "the source does not read any more");
        Received received = receiveOnly(in.b());
        runUntil(() -> received.size() == 17);
    }

    @Test
    void closeOfBothIsEcanceledOnce() throws Exception {
        copy();
        in.a().write(new byte[5_000_000], (a, error) -> {});
        settle();
        in.b().close();
        out.a().close();
        settle();
        assertEquals(List.of("copied ECANCELED"), log);
    }

    @Test
    void closeOfTheSinkWhileItsQueueIsFullIsEcanceledOnce() throws Exception {
        copy();
        in.a().write(new byte[5_000_000], logs("written"));
        runUntil(() -> out.a().writeQueueSize() > 0);
        out.a().close();
        runUntil(() -> !log.isEmpty());
        settle();
        assertEquals(List.of("copied ECANCELED"), log);
    }

    @Test
    void closeOfTheLoopTellsTheCallback() throws Exception {
        copy();
        settle();
        loop.close();
        assertEquals(List.of("copied ECANCELED"), log);
    }

    @Test
    void stopReadCancels() throws Exception {
        copy();
        settle();
        in.b().stopRead();
        assertEquals(List.of(), log, "never inside");
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("copied ECANCELED"), log);
        in.a().write(bytes("read by hand"));
        Received received = receiveOnly(in.b());
        runUntil(() -> received.size() == 12);
        out.a().write(bytes("written by hand"), logs("written"));
        runUntil(() -> log.size() == 2);
        assertEquals("written", log.getLast());
    }

    @Test
    @Needs(Trait.RESET)
    void theErrorOfTheSourceEndsTheCopying() throws Exception {
        copy();
        settle();
        in.b().write(bytes("never read by the peer"));
        settle();
        in.a().close();
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("copied ECONNRESET"), log);
        assertTrue(out.a().writable());
    }

    @Test
    void theErrorOfTheSinkEndsTheCopying() throws Exception {
        copy();
        out.b().close();
        settle();
        in.a().write(new byte[100_000]);
        runUntil(() -> !log.isEmpty());
        settle();
        assertEquals(List.of("copied EPIPE"), log);
        assertFalse(in.b().active());
    }

    @Test
    void anErrorWithoutCallbackReachesTheHandler() throws Exception {
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(((PanpipeException) thrown).code().name()));
        in.b().pipeTo(out.a());
        out.b().close();
        settle();
        in.a().write(new byte[100_000]);
        runUntil(() -> !log.isEmpty());
        settle();
        assertEquals(List.of("EPIPE"), log);
    }

    @Test
    void aCancelWithoutCallbackReachesNobody() throws Exception {
        in.b().pipeTo(out.a());
        settle();
        in.b().close();
        settle();
        assertEquals(List.of(), uncaught);
    }

    @Test
    void theSinkMayBeCopiedToAgainAfterwards() throws Exception {
        copy();
        settle();
        in.b().stopRead();
        runUntil(() -> !log.isEmpty());
        log.clear();
        copy();
        in.a().write(bytes("second time"));
        finishWriting(in.a());
        Received received = receiveOnly(out.b());
        runUntil(() -> received.end() != null && !log.isEmpty());
        assertEquals("second time", received.text());
        assertEquals(List.of("copied"), log);
    }

    @Test
    void bothMayBeClosedInTheCallback() throws Exception {
        in.b().pipeTo(out.a(), (source, error) -> {
            source.close(notes("source closed"));
            out.a().close(notes("sink closed"));
        });
        in.a().write(bytes("all of it"));
        finishWriting(in.a());
        Received received = receive(out.b());
        run();
        assertEquals("all of it", received.text());
        assertEquals(List.of("source closed", "sink closed"), log);
    }

    @Test
    void theSinkMayAlsoBeWrittenByHand() throws Exception {
        copy();
        out.a().write(bytes("by hand, "));
        in.a().write(bytes("copied"));
        finishWriting(in.a());
        Received received = receive(out.b());
        runUntil(() -> received.end() != null);
        assertEquals("by hand, copied", received.text());
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aSinkThatIsShutDownByHandEndsTheCopying() throws Exception {
        copy();
        settle();
        out.a().shutdown();
        in.a().write(bytes("too late"), (a, error) -> {});
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("copied EPIPE"), log);
        assertNextReaderGets(8);
    }

    /** Fails unless so much waits at the source for whoever reads it next. */
    private void assertNextReaderGets(int bytes) throws Exception {
        Received next = receiveOnly(in.b());
        runUntil(() -> next.size() >= bytes);
        assertEquals(bytes, next.size());
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void nothingIsReadForASinkThatIsShutDownAlready() throws Exception {
        out.a().shutdown();
        settle();
        in.a().write(new byte[150_000], (a, error) -> {});
        copy();
        assertEquals(List.of(), log, "not within the call");
        settle();
        assertEquals(List.of("copied EPIPE"), log);
        assertFalse(in.b().active());
        assertNextReaderGets(150_000);
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void nothingIsReadForASinkThatIsToBeShutDown() throws Exception {
        in.a().write(new byte[150_000], (a, error) -> {});
        copy();
        out.a().shutdown();
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("copied EPIPE"), log);
        assertNextReaderGets(150_000);
    }

    /** A piece or two were read before the failure could be known. */
    @Test
    void aSinkThatIsGoneHasLittleReadForIt() throws Exception {
        in.a().write(new byte[150_000], (a, error) -> {});
        out.b().close();
        settle();
        copy();
        runUntil(() -> !log.isEmpty());
        assertTrue(log.getFirst().matches("copied (EPIPE|ECONNRESET)"), log::toString);
        Received next = receiveOnly(in.b());
        finishWriting(in.a());
        runUntil(() -> next.end() != null);
        assertTrue(next.size() >= 150_000 - 2 * 64 * 1024, () -> "left " + next.size());
    }

    @Test
    void aStreamInUseIsRefused() throws Exception {
        Ends third = ends();
        copy();
        assertThrows(IllegalStateException.class, () -> in.b().pipeTo(third.a()), "the source is copied already");
        assertThrows(IllegalStateException.class, () -> third.b().pipeTo(out.a()), "the sink is copied to already");
        assertThrows(IllegalStateException.class, () -> receive(in.b()), "the source is read already");
        assertThrows(IllegalStateException.class, () -> pipe().pipeTo(third.a()));
        assertThrows(IllegalStateException.class, () -> third.a().pipeTo(pipe()));
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            Pipe foreign = Pipe.pair(other)[0];
            assertThrows(IllegalArgumentException.class, () -> third.a().pipeTo(foreign));
        }
    }

    @Test
    void aStreamMayBeCopiedToItself() throws Exception {
        in.b().pipeTo(in.b(), logs("echoed"));
        byte[] data = pattern(2_000_000);
        in.a().write(data);
        Received back = finishAndReceive(in.a(), data.length);
        runUntil(() -> in.a().closed());
        assertArrayEquals(data, back.bytes());
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("echoed"), log);
    }

    @Test
    void aCopyKeepsTheLoopAlive() throws Exception {
        copy();
        settle();
        in.b().unref();
        out.a().unref();
        assertTrue(loop.alive(), "it is a pending request");
    }

    @Test
    void whatComesWhileTheSinkClosesWaitsForTheNextReader() throws Exception {
        copy();
        settle();
        in.a().write(bytes("for the next reader"));
        out.a().close();
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("copied ECANCELED"), log);
        Received received = receiveOnly(in.b());
        runUntil(() -> received.size() == 19);
        assertEquals("for the next reader", received.text());
    }

    @Test
    void copiesThatAreStoppedTogetherAreToldInTheirOrder() throws Exception {
        Ends third = connected();
        in.b().pipeTo(out.a(), logs("first"));
        in.b().stopRead();
        in.b().pipeTo(third.a(), logs("second"));
        in.b().stopRead();
        in.b().pipeTo(out.a(), logs("third"));
        in.b().stopRead();
        settle();
        assertEquals(List.of("first ECANCELED", "second ECANCELED", "third ECANCELED"), log);
    }

    @Test
    void drainIsNotToldBelowTheHighMarkOfTheSink() throws Exception {
        out.a().writeWatermarks(0, 1L << 40);
        out.a().onDrain(notes("drain"));
        copy();
        in.a().write(new byte[5_000_000]);
        finishWriting(in.a());
        settle();
        Received received = receiveOnly(out.b());
        runUntil(() -> received.end() != null && log.contains("copied"));
        assertEquals(5_000_000, received.size());
        assertEquals(List.of("copied"), log);
    }
}
