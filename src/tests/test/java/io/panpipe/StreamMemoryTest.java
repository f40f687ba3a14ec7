/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.simulated.SimulatedKernel;
import io.panpipe.internal.simulated.SimulatedOptions;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What streams need of a loop's memory: nothing while they are idle, and no more with time. */
@Tag("simulated")
class StreamMemoryTest {

    /** Long enough to be copied bit by bit as it is sent. */
    private static final int LONG = 300_000;

    private final AtomicLong allocations = new AtomicLong();

    private static <T> T forwarding(Class<T> type, Object to, UnaryOperator<Object> results, Runnable allocates) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
            if (method.getName().equals("allocate")) {
                allocates.run();
            }
            try {
                return results.apply(method.invoke(to, given));
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
        }));
    }

    /** Makes a loop that counts how often it asks its kernel for memory. */
    private Loop loop(SimulatedOptions options) throws PanpipeException {
        return new Loop(forwarding(Kernel.class, new SimulatedKernel(options), result -> result instanceof Selector selector
                ? forwarding(Selector.class, selector, UnaryOperator.identity(), allocations::incrementAndGet)
                : result, () -> {}));
    }

    private Loop loop() throws PanpipeException {
        return loop(SimulatedOptions.quiet());
    }

    private static void read(Pipe pipe, ByteArrayOutputStream received) throws PanpipeException {
        pipe.startRead((itself, data, error) -> {
            if (data != null) {
                byte[] copy = new byte[data.remaining()];
                data.get(data.position(), copy);
                received.writeBytes(copy);
            }
        });
    }

    private static void settle(Loop loop) {
        for (int i = 0; i < 50; i++) {
            loop.run(RunMode.NOWAIT);
        }
    }

    private static byte[] filled(int length, int with) {
        byte[] data = new byte[length];
        java.util.Arrays.fill(data, (byte) with);
        return data;
    }

    /** Writes in every way in which data is kept, against a reader that is slow at first, and reads it. */
    private static void talk(Loop loop, Pipe[] pair, int round) throws PanpipeException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        int[] lengths = {LONG, 100, 16_000, 16_384, LONG, 5, 60_000};
        for (int i = 0; i < lengths.length; i++) {
            byte[] data = filled(lengths[i], round + i);
            pair[0].write(data);
            expected.writeBytes(data);
        }
        try (Arena arena = Arena.ofConfined()) {
            // Borrowed in between, so that a chunk may be sent before that which is written behind.
            byte[] data = filled(LONG, round);
            ByteBuffer direct = arena.allocate(LONG).asByteBuffer().put(0, data);
            pair[0].write(direct);
            expected.writeBytes(data);
            pair[0].write(filled(10, 7));
            expected.writeBytes(filled(10, 7));
            settle(loop);
            read(pair[1], received);
            settle(loop);
            pair[1].stopRead();
        }
        assertArrayEquals(expected.toByteArray(), received.toByteArray());
    }

    private static void echo(Loop loop, Pipe[] pair) throws PanpipeException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        pair[1].startRead((itself, data, error) -> {
            if (data != null) {
                itself.write(data);
            }
        });
        pair[0].write(new byte[2 * LONG]);
        settle(loop);
        read(pair[0], received);
        settle(loop);
        assertEquals(2 * LONG, received.size());
        pair[0].stopRead();
        pair[1].stopRead();
    }

    private static void failToRead(Loop loop) throws PanpipeException {
        Pipe[] pair = Pipe.pair(loop);
        PanpipeException[] failure = new PanpipeException[1];
        try (Arena arena = Arena.ofConfined()) {
            pair[0].write(arena.allocate(LONG).asByteBuffer(), (pipe, error) -> failure[0] = error);
        }
        settle(loop);
        assertEquals(ErrorCode.EFAULT, failure[0].code());
        pair[0].close();
        pair[1].close();
        settle(loop);
    }

    @Test
    void memoryIsUsedAgain() throws Exception {
        try (Loop loop = loop()) {
            Pipe[] pair = Pipe.pair(loop);
            for (int round = 0; round < 3; round++) {
                talk(loop, pair, round);
                echo(loop, pair);
                failToRead(loop);
            }
            long before = allocations.get();
            assertTrue(before > 0, "memory was needed");
            for (int round = 0; round < 20; round++) {
                talk(loop, pair, round);
                echo(loop, pair);
                failToRead(loop);
            }
            assertEquals(before, allocations.get());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3})
    void whoHasNothingToSendHoldsNoOutput(long seed) throws Exception {
        SimulatedOptions options = seed == 0 ? SimulatedOptions.quiet() : SimulatedOptions.noisy().seed(seed);
        try (Loop loop = loop(options)) {
            Pipe[] pair = Pipe.pair(loop);
            int[] told = new int[1];
            pair[0].write(new byte[10]);
            settle(loop);
            loop.run(RunMode.NOWAIT);
            read(pair[1], new ByteArrayOutputStream());
            settle(loop);
            assertNull(pair[0].core().outputOrNull(), "after a write without a callback");
            pair[0].write(new byte[LONG], (pipe, error) -> {
                told[0]++;
                // Borrowed anew while the others are told.
                pipe.write(new byte[1], (itself, failure) -> told[0]++);
            });
            settle(loop);
            assertEquals(2, told[0]);
            assertNull(pair[0].core().outputOrNull(), "after writes with callbacks");
            try {
                pair[0].tryWrite(new byte[10]);
            } catch (PanpipeException full) {
                assertEquals(ErrorCode.EAGAIN, full.code());
            }
            settle(loop);
            assertNull(pair[0].core().outputOrNull(), "after a tryWrite");
            pair[1].stopRead();
            pair[1].startRead((itself, data, error) -> itself.write(data));
            pair[0].write(new byte[100]);
            read(pair[0], new ByteArrayOutputStream());
            settle(loop);
            assertNull(pair[0].core().outputOrNull(), "of the one that was answered");
            assertNull(pair[1].core().outputOrNull(), "of the one that has answered");
        }
    }

    @Test
    void aSinkThatHasTakenAllHoldsNoOutput() throws Exception {
        try (Loop loop = loop(SimulatedOptions.quiet().transferShare(1))) {
            Pipe[] from = Pipe.pair(loop);
            Pipe[] to = Pipe.pair(loop);
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            read(to[1], received);
            from[1].pipeTo(to[0], (source, error) -> {});
            from[0].write(new byte[2 * LONG]);
            settle(loop);
            assertEquals(2 * LONG, received.size());
            assertNull(to[0].core().outputOrNull());
        }
    }
}
