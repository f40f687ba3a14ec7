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
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.Selector;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What went wrong in one place must not show in another: later writes, other streams, the loop's end. */
public abstract class AfterTroubleContract extends Contract {

    /** A direct buffer whose memory is gone when the loop comes to write it. */
    private static ByteBuffer doomed(Arena arena, int size) {
        return arena.allocate(size).asByteBuffer();
    }

    @Test
    void aBufferThatCannotBeReadAnyMoreHarmsNoOtherStream() throws Exception {
        Ends broken = connected();
        Ends sound = connected();
        for (int size : new int[] {10_000, 300_000}) {
            try (Arena arena = Arena.ofConfined()) {
                broken.a().write(doomed(arena, size), (p, error) -> log.add(String.valueOf(error.code())));
            }
        }
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("EFAULT", "EFAULT"), log);
        Received received = receive(sound.b());
        sound.a().write("still here".getBytes(), logs("written"));
        runUntil(() -> received.bytes().length == 10);
        assertEquals(0, sound.a().writeQueueSize());
        assertEquals(0, broken.a().writeQueueSize());
    }

    @Test
    void aStreamWritesAllAfterAnotherWasClosedInTheMiddleOfAWrite() throws Exception {
        for (int round = 0; round < 5; round++) {
            Ends closed = ends();
            closed.a().write(new byte[1_000_000], logs("cancelled"));
            run(RunMode.NOWAIT);
            closed.a().close(notes("closed"));
            closed.b().close();
            runUntil(() -> log.contains("closed"));
            log.clear();
            // In pieces, of which the first may be in flight while the others wait for it.
            Ends ends = ends();
            byte[] data = pattern(600_000);
            ends.a().write(data, (a, error) -> log.add(error == null ? "written" : "refused " + error.code()));
            Received received = receive(ends.b(), data.length);
            runUntil(() -> !log.isEmpty());
            assertEquals(List.of("written"), log, "nobody has closed this one");
            runUntil(() -> received.size() == data.length);
            assertArrayEquals(data, received.bytes());
            ends.a().close();
            log.clear();
        }
    }

    /** A kernel that counts the bytes which loops get of it to copy into. */
    private static Kernel counting(Kernel kernel, AtomicLong allocated) {
        return forwarding(Kernel.class, kernel, (method, result, arguments) -> {
            if (result instanceof Selector selector) {
                return forwarding(Selector.class, selector, (call, answer, given) -> {
                    allocated.addAndGet(call.getName().equals("allocate") ? (int) given[0] : 0);
                    return answer;
                });
            }
            return result;
        });
    }

    private interface Answers {
        Object answer(Method method, Object result, Object[] arguments);
    }

    private static <T> T forwarding(Class<T> type, T to, Answers answers) {
        Class<?>[] types = {type};
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), types, (proxy, method, arguments) -> {
            try {
                return answers.answer(method, method.invoke(to, arguments), arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }));
    }

    private void writeMuchAndClose(Loop other, boolean peerFirst) throws PanpipeException {
        Pipe[] pair = Pipe.pair(other);
        for (int i = 0; i < 100; i++) {
            pair[0].write(new byte[10_000], (a, error) -> {});
        }
        other.run(RunMode.NOWAIT);
        pair[peerFirst ? 1 : 0].close();
        other.run(RunMode.NOWAIT);
        pair[0].close();
        pair[1].close();
        other.run();
    }

    @Test
    void whatIsNotWrittenAnyMoreGivesItsMemoryToLaterWrites() throws Exception {
        AtomicLong allocated = new AtomicLong();
        try (Loop other = KernelAccess.loop(counting(kernel.kernel(), allocated))) {
            writeMuchAndClose(other, false);
            long first = allocated.get();
            assertTrue(first > 500_000, () -> "the data was not copied: " + first + " bytes");
            for (int i = 0; i < 6; i++) {
                writeMuchAndClose(other, i % 2 == 0);
            }
            // How much a pipe takes, and so how much waits, may differ from time to time.
            assertTrue(allocated.get() < 2 * first, () -> first + " bytes at first, then " + allocated.get());
        }
    }

    @Test
    void aListWithAnUnreadableBufferIsNotWrittenInPart() throws Exception {
        Ends ends = connected();
        ByteBuffer unreadable;
        try (Arena arena = Arena.ofConfined()) {
            unreadable = doomed(arena, 5);
        }
        List<ByteBuffer> list = List.of(ByteBuffer.wrap("ghost".getBytes()), unreadable);
        assertThrows(IllegalStateException.class, () -> ends.a().write(list, logs("never")));
        Received received = receive(ends.b());
        ends.a().write("real".getBytes());
        runUntil(() -> received.bytes().length >= 4);
        assertEquals("real", new String(received.bytes()));
        assertEquals(List.of(), log);
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void shutdownIsToldAfterAWriteOfTheSameCallback() throws Exception {
        Ends ends = connected();
        ends.a().write("first".getBytes(), (p, error) -> {
            log.add("first");
            p.write("last".getBytes(), logs("last"));
            p.shutdown(logs("shutdown"));
        });
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("first", "last", "shutdown"), log);
    }

    @Test
    void aHandleThatCouldNotConnectIsUsedAnew() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (s, error) -> {
            Pipe connection = pipe();
            s.accept(connection);
            connection.pipeTo(connection, (c, end) -> c.close());
        });
        Pipe client = pipe();
        client.connect(kernel.freshName(), (c, error) -> {
            log.add("refused");
            c.connect(name, (same, none) -> {
                assertTrue(same.writable());
                same.write("again".getBytes(), logs("written"));
            });
        });
        client.write("lost".getBytes(), (c, error) -> log.add(String.valueOf(error.code())));
        client.shutdown((c, error) -> log.add("shutdown " + error.code()));
        runUntil(() -> log.contains("written"));
        assertEquals(List.of("refused", "ECANCELED", "shutdown ECANCELED", "written"), log);
        server.close();
    }

    @Test
    void aConnectThatNobodyWasToldOfIsCancelledByClose() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (s, error) -> {});
        Pipe client = pipe();
        client.connect(name, (c, error) -> log.add(error == null ? "connected" : error.code().toString()));
        client.close(closed -> log.add("closed"));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("ECANCELED", "closed"), log);
        server.close();
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aCopyEndsWhenItsSinkIsShutDownWhileItWaits() throws Exception {
        Ends in = connected();
        Ends out = connected();
        in.b().pipeTo(out.a(), (p, error) -> log.add(error == null ? "copied" : error.code().toString()));
        in.a().write(new byte[3_000_000], (p, cancelled) -> {});
        runUntil(() -> out.a().writeQueueSize() > 0);
        settle();
        out.a().shutdown();
        receive(out.b());
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of(ErrorCode.EPIPE.toString()), log);
        in.a().close();
    }

    @Test
    void stopReadEndsACopyAtOnce() throws Exception {
        Ends in = connected();
        Ends out = connected();
        in.b().pipeTo(out.a(), (p, error) -> log.add(error.code().toString()));
        in.a().write(new byte[3_000_000], (p, cancelled) -> {});
        runUntil(() -> out.a().writeQueueSize() > 0);
        settle();
        in.b().stopRead();
        long queued = out.a().writeQueueSize();
        Received copied = receive(out.b());
        long[] read = {0};
        in.b().startRead((p, data, end) -> read[0] += data == null ? 0 : data.remaining());
        runUntil(() -> out.a().writeQueueSize() == 0 && read[0] > 0 && !log.isEmpty() && copied.size() >= queued);
        assertEquals(List.of("ECANCELED"), log);
        in.a().close();
    }

    @Test
    void aTaskThatQueuesItselfDoesNotKeepTheLoopFromClosing() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            other.uncaughtExceptionHandler((l, thrown) -> log.add(thrown.getClass().getSimpleName()));
            other.execute(new Runnable() {
                @Override
                public void run() {
                    runs.incrementAndGet();
                    other.execute(this);
                }
            });
        }
        assertFalse(runs.get() == 0, "what was queued before has run");
        assertEquals(List.of(RejectedExecutionException.class.getSimpleName()), log);
    }

    @Test
    void aBufferWhoseLimitWasLoweredHarmsNoOtherStream() throws Exception {
        Ends broken = connected();
        Ends sound = connected();
        ByteBuffer data = ByteBuffer.allocate(300_000);
        broken.a().write(data, (p, error) -> log.add(String.valueOf(error.code())));
        data.limit(10);
        sound.a().write("still here".getBytes(), logs("written"));
        Received received = receiveOnly(sound.b());
        runUntil(() -> received.size() == 10 && log.size() == 2);
        assertTrue(log.containsAll(List.of("EFAULT", "written")), log::toString);
        assertEquals(0, broken.a().writeQueueSize());
    }

    @Test
    void aCopyToAStreamThatCannotConnectIsCancelled() throws Exception {
        Ends in = connected();
        Pipe sink = pipe();
        sink.connect(kernel.freshName(), (same, error) -> log.add("refused"));
        in.b().pipeTo(sink, logs("copied"));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("refused", "copied ECANCELED"), log);
        assertFalse(in.b().active(), "the source does not read any more");
        in.a().write(bytes("for the next reader"));
        Received received = receiveOnly(in.b());
        runUntil(() -> received.size() == 19);
    }

    @Test
    void aCopyToAConnectingStreamThatIsClosedIsToldBeforeTheClose() throws Exception {
        Ends in = connected();
        Pipe sink = pipe();
        sink.connect(kernel.freshName(), (same, error) -> log.add("no connection"));
        in.b().pipeTo(sink, logs("copied"));
        sink.close(same -> log.add("closed"));
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("no connection", "copied ECANCELED", "closed"), log);
    }

    @Test
    void aCopyMayBeginAnewWhenItsSinkCouldNotConnect() throws Exception {
        Ends in = connected();
        String name = kernel.freshName();
        Received received = new Received(6);
        Pipe server = listening(name, (listener, error) -> {
            Pipe accepted = pipe();
            listener.accept(accepted);
            accepted.startRead(received);
        });
        Pipe sink = pipe();
        sink.connect(kernel.freshName(), (same, error) -> {
            sink.connect(name, logs("connected"));
            in.b().pipeTo(sink, logs("second"));
            in.a().write(bytes("copied"));
        });
        in.b().pipeTo(sink, logs("first"));
        runUntil(() -> received.size() == 6);
        assertEquals("copied", received.text());
        assertEquals(List.of("first ECANCELED", "connected"), log);
        server.close();
    }

    @Test
    void whatIsLostAfterTheEndOfACopyReachesTheHandlerOnce() throws Exception {
        Ends in = connected();
        Ends out = connected();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(((PanpipeException) thrown).code().name()));
        block(out.a());
        // Room for several pieces, all of which fail.
        out.a().writeWatermarks(0, 1L << 40);
        long before = out.a().writeQueueSize();
        in.b().pipeTo(out.a(), logs("copied"));
        in.a().write(new byte[300_000], (a, error) -> {});
        runUntil(() -> out.a().writeQueueSize() > before + 200_000);
        in.b().stopRead();
        runUntil(() -> !log.isEmpty());
        out.b().close();
        runUntil(() -> log.size() == 2);
        settle();
        assertEquals("copied ECANCELED", log.getFirst());
        assertTrue(List.of("EPIPE", "ECONNRESET").contains(log.get(1)), log::toString);
        assertEquals(2, log.size());
    }
}
