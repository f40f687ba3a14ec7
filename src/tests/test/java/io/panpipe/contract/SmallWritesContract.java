/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/**
 * Small writes without a callback that follow one another, which take a short way of their own where nobody watches the loop, and
 * what may come between them.
 */
public abstract class SmallWritesContract extends Contract {

    private static final int SIZE = 16;

    private int called;

    @Test
    void theyCountAtOnce() throws Exception {
        Ends ends = ends();
        for (int i = 1; i <= 100; i++) {
            assertTrue(ends.a().write(bytes("16 bytes of text")));
            assertEquals(SIZE * i, ends.a().writeQueueSize());
        }
        assertTrue(loop.dump().contains("1600 bytes queued"), loop::dump);
        Received received = receiveOnly(ends.b());
        runUntil(() -> received.size() == 1600);
        settle();
        assertEquals(0, ends.a().writeQueueSize());
    }

    @Test
    void theySayWhenItIsEnough() throws Exception {
        Ends ends = ends();
        ends.a().onDrain(notes("drain"));
        for (int round = 1; round <= 2; round++) {
            for (int i = 1; i < 64 * 1024 / SIZE; i++) {
                assertTrue(ends.a().write(new byte[SIZE]), "below the mark");
            }
            assertFalse(ends.a().write(new byte[SIZE]), "the queue has reached it");
            assertFalse(ends.a().write(new byte[SIZE]), "and is above it");
            if (round == 1) {
                receiveOnly(ends.b());
            }
            runUntil(() -> ends.a().writeQueueSize() == 0 && !log.isEmpty());
            assertEquals(List.of("drain"), log);
            log.clear();
        }
    }

    @Test
    void marksThatAreSetBetweenThemHold() throws Exception {
        Ends ends = ends();
        assertTrue(ends.a().write(new byte[10]));
        assertTrue(ends.a().write(new byte[10]));
        ends.a().writeWatermarks(0, 40);
        ends.a().onDrain(notes("drain"));
        assertTrue(ends.a().write(new byte[10]));
        assertFalse(ends.a().write(new byte[10]));
        Received received = receiveOnly(ends.b());
        runUntil(() -> received.size() == 40 && !log.isEmpty());
        assertEquals(List.of("drain"), log);
    }

    @Test
    void otherWritesBetweenThemKeepTheOrder() throws Exception {
        Ends ends = ends();
        Received received = receiveOnly(ends.b());
        Random random = new Random(7);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
            byte[] data = new byte[random.nextInt(20) == 0 ? 6000 : random.nextInt(100)];
            random.nextBytes(data);
            all.writeBytes(data);
            write(ends.a(), data, random);
            if (random.nextInt(50) == 0) {
                run(RunMode.NOWAIT);
            }
        }
        runUntil(() -> received.size() == all.size());
        assertArrayEquals(all.toByteArray(), received.bytes());
        settle();
        assertEquals(called, log.size());
    }

    private void write(Pipe pipe, byte[] data, Random random) {
        switch (random.nextInt(10)) {
            case 0 -> {
                pipe.write(data, logs("written"));
                called++;
            }
            case 1 -> {
                pipe.write(List.of(ByteBuffer.wrap(data), ByteBuffer.allocate(0)), logs("written"));
                called++;
            }
            case 2, 3 -> pipe.write(ByteBuffer.allocateDirect(data.length).put(data).flip());
            case 4, 5 -> pipe.write(ByteBuffer.wrap(data).asReadOnlyBuffer());
            default -> pipe.write(data);
        }
    }

    @Test
    void aCallbackBetweenThemIsToldBeforeThoseBehindItAreRead() throws Exception {
        Ends ends = ends();
        Received received = receiveOnly(ends.b());
        ends.a().write(bytes("1"));
        ends.a().write(bytes("2"));
        ends.a().write(bytes("3"), (same, error) -> same.write(bytes("6")));
        ends.a().write(bytes("4"));
        ends.a().write(bytes("5"));
        runUntil(() -> received.size() == 6);
        assertEquals("123456", received.text());
    }

    @Test
    void oneThatCannotBeReadAddsNothing() throws Exception {
        Ends ends = ends();
        ByteBuffer gone;
        try (Arena arena = Arena.ofConfined()) {
            gone = arena.allocate(SIZE).asByteBuffer();
        }
        ends.a().write(bytes("one, "));
        ends.a().write(bytes("two"));
        assertThrows(IllegalStateException.class, () -> ends.a().write(gone));
        assertThrows(NullPointerException.class, () -> ends.a().write((ByteBuffer) null));
        assertEquals(8, ends.a().writeQueueSize());
        ends.a().write(bytes(", three"));
        ends.a().write(bytes(", four"));
        Received received = receive(ends.b(), 21);
        runUntil(() -> received.size() == 21);
        assertEquals("one, two, three, four", received.text());
    }

    @Test
    void anotherThreadIsRefusedBetweenThem() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("one, "));
        ends.a().write(bytes("two"));
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        Thread stranger = Thread.ofPlatform().start(() -> {
            try {
                outcome.complete(ends.a().write(bytes("stranger")));
            } catch (Throwable refused) {
                outcome.completeExceptionally(refused);
            }
        });
        assertInstanceOf(WrongThreadException.class, assertThrows(ExecutionException.class, outcome::get).getCause());
        stranger.join();
        ends.a().write(bytes(", three"));
        Received received = receive(ends.b(), 15);
        runUntil(() -> received.size() == 15);
        assertEquals("one, two, three", received.text());
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aShutdownBetweenThemSendsWhatIsBeforeItAndRefusesTheRest() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        ends.a().write(bytes("one, "));
        ends.a().write(bytes("two"));
        ends.a().shutdown(logs("shut down"));
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(((PanpipeException) thrown).code().name()));
        ends.a().write(bytes(", three"));
        runUntil(() -> received.end() != null && log.size() == 2);
        assertEquals("one, two", received.text());
        assertEquals(List.of("shut down", "EPIPE"), log);
    }

    @Test
    void aTryWriteGoesBehindThem() throws Exception {
        assumeFalse(kernel.writesInFlight(), "what is before it may be in flight");
        Ends ends = ends();
        Received received = receiveOnly(ends.b());
        ends.a().write(bytes("one, "));
        ends.a().write(bytes("two"));
        assertEquals(7, ends.a().tryWrite(bytes(", three")));
        ends.a().write(bytes(", four"));
        runUntil(() -> received.size() == 21);
        assertEquals("one, two, three, four", received.text());
    }

    @Test
    void aCloseSendsThemAndRefusesTheRest() throws Exception {
        assumeFalse(kernel.writesInFlight(), "the close cancels what is in flight");
        Ends ends = ends();
        Received received = receive(ends.b());
        ends.a().write(bytes("one, "));
        ends.a().write(bytes("two"));
        ends.a().close();
        assertThrows(IllegalStateException.class, () -> ends.a().write(bytes(", three")));
        runUntil(() -> received.end() != null);
        assertEquals("one, two", received.text());
    }
}
