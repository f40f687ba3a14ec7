/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes well by luck on a real system is found on the simulated one. */
@Tag("simulated")
class MisuseTest {

    private static final byte[] DATA = "precious".getBytes();

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3})
    void dataKeptBeyondItsCallbackIsOverwritten(long seed) throws Exception {
        try (SimulatedKernel kernel = seed == 0 ? SimulatedKernel.quiet() : new SimulatedKernel(seed)) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            List<ByteBuffer> kept = new ArrayList<>();
            pair[1].startRead((p, data, end) -> {
                if (data != null) {
                    assertEquals(DATA[0] == data.get(0) || !kept.isEmpty(), true);
                    kept.add(data.slice());
                }
            });
            pair[0].write(DATA, (p, error) -> p.close());
            kernel.run(Duration.ofSeconds(1));
            for (ByteBuffer data : kept) {
                while (data.hasRemaining()) {
                    assertEquals((byte) 0xDB, data.get());
                }
            }
        }
    }

    @Test
    void whatACloseThrowsAwayOfAWriteWithoutACallbackIsReported() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            pair[0].write(new byte[2_000_000]);
            pair[0].close();
            misuse(kernel, "bytes thrown away that were written without a callback");
        }
    }

    @Test
    void theReadBufferMayBeWrittenStraightAway() throws Exception {
        try (SimulatedKernel kernel = new SimulatedKernel(1)) {
            Loop loop = kernel.loop();
            Pipe[] pair = Pipe.pair(loop);
            StringBuilder echoed = new StringBuilder();
            pair[1].startRead((p, data, end) -> {
                if (data != null) {
                    p.write(data, (same, error) -> {});
                } else {
                    p.close();
                }
            });
            pair[0].startRead((p, data, end) -> {
                while (data.hasRemaining()) {
                    echoed.append((char) data.get());
                }
                if (echoed.length() == DATA.length) {
                    p.close();
                }
            });
            pair[0].write(DATA);
            kernel.run();
            assertEquals("precious", echoed.toString());
            kernel.checkNothingLeft();
        }
    }

    @Test
    void whatAnotherLoopHasReadMayBeWrittenStraightAway() throws Exception {
        try (SimulatedKernel kernel = new SimulatedKernel(1)) {
            Loop reading = kernel.process("reader").loop();
            Loop writing = kernel.process("writer").loop();
            Pipe[] near = Pipe.pair(reading);
            Pipe[] far = Pipe.pair(writing);
            StringBuilder arrived = new StringBuilder();
            near[1].startRead((p, data, end) -> far[0].write(data, (same, error) -> {}));
            far[1].startRead((p, data, end) -> {
                while (data.hasRemaining()) {
                    arrived.append((char) data.get());
                }
                if (arrived.length() == DATA.length) {
                    near[1].close();
                    p.close();
                }
            });
            near[0].write(DATA);
            kernel.run();
            assertEquals("precious", arrived.toString());
        }
    }

    private static IllegalStateException misuse(SimulatedKernel kernel, String message) {
        IllegalStateException thrown = assertThrows(IllegalStateException.class, kernel::run);
        assertTrue(thrown.getMessage().contains(message), thrown::getMessage);
        assertEquals(1, kernel.misuses().size());
        return thrown;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBufferChangedUnderAPendingWriteIsReported(boolean withCallback) throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            ByteBuffer buffer = ByteBuffer.allocate(2_000_000);
            if (withCallback) {
                pair[0].write(buffer, (p, error) -> {});
            } else {
                pair[0].write(buffer);
            }
            buffer.put(1_000_000, (byte) 1);
            pair[1].startRead((p, data, end) -> {});
            misuse(kernel, "was changed before the callback");
        }
    }

    @Test
    void aBufferChangedInAListIsReported() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            ByteBuffer first = ByteBuffer.allocate(10);
            ByteBuffer second = ByteBuffer.allocate(10);
            pair[0].write(List.of(first, second), (p, error) -> {});
            second.put(3, (byte) 1);
            misuse(kernel, "was changed before the callback");
        }
    }

    @Test
    void aDatagramChangedBeforeItsCallbackIsReported() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Udp udp = new Udp(kernel.loop());
            ByteBuffer buffer = ByteBuffer.allocate(10);
            udp.send(buffer, new InetSocketAddress("127.0.0.1", 9), (u, error) -> u.close());
            buffer.put(3, (byte) 1);
            misuse(kernel, "was changed before the callback");
        }
    }

    @Test
    void aBufferChangedAfterItsCallbackIsFine() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            ByteBuffer buffer = ByteBuffer.allocate(1000);
            pair[0].write(buffer, (p, error) -> buffer.put(0, (byte) 1));
            kernel.run();
            assertEquals(List.of(), kernel.misuses());
        }
    }

    @Test
    void aCallFromAnotherThreadIsReportedEvenIfItsExceptionIsLost() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Pipe[] pair = Pipe.pair(kernel.loop());
            Thread stranger = Thread.ofPlatform().name("stranger").start(() -> {
                try {
                    pair[0].write(DATA);
                } catch (WrongThreadException swallowed) {
                    // As thread pools do.
                }
            });
            stranger.join();
            pair[0].close();
            misuse(kernel, "thread \"stranger\" used the loop");
        }
    }

    @Test
    void aCallbackThatTakesTooLongIsReported() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            kernel.longestCallback(Duration.ofMillis(20));
            Timer timer = new Timer(kernel.loop());
            timer.start(t -> {
                long end = System.nanoTime() + Duration.ofMillis(30).toNanos();
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                t.close();
            }, Duration.ZERO);
            new Timer(timer.loop()).start(t -> t.close(), Duration.ofSeconds(1));
            misuse(kernel, "held up everything");
        }
    }

    @Test
    void workOutsideOfCallbacksIsNotMeasured() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            kernel.longestCallback(Duration.ofSeconds(1));
            Pipe[] pair = Pipe.pair(kernel.loop());
            pair[1].startRead((p, data, end) -> {});
            for (int i = 0; i < 2; i++) {
                pair[0].write(DATA);
                kernel.run(Duration.ofSeconds(1));
                long end = System.nanoTime() + Duration.ofMillis(1100).toNanos();
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
            }
            assertEquals(List.of(), kernel.misuses());
        }
    }

    @Test
    void aMisuseDoesNotKeepALoopFromBeingClosed() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Loop loop = kernel.loop();
            Pipe[] pair = Pipe.pair(loop);
            Thread stranger = Thread.ofPlatform().start(() -> assertThrows(WrongThreadException.class, loop::alive));
            stranger.join();
            loop.close();
            assertEquals(0, kernel.main().openDescriptors());
            assertTrue(pair[0].closed());
            assertThrows(AssertionError.class, kernel::checkNothingLeft);
        }
    }

    @Test
    void aMisuseThatNoRunHasEndedForIsLeftBehind() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            Loop loop = kernel.loop();
            Thread stranger = Thread.ofPlatform().start(() -> assertThrows(WrongThreadException.class, loop::alive));
            stranger.join();
            AssertionError left = assertThrows(AssertionError.class, kernel::checkNothingLeft);
            assertTrue(left.getMessage().contains("used the loop"), left::getMessage);
        }
    }
}
