/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data of every size and kind arrives as it was, alone and in company. */
public abstract class WriteDataContract extends Contract {

    private static final int[] SIZES = {
        0, 1, 2, 4095, 4096, 4097, 16383, 16384, 16385, 32768, 65535, 65536, 65537, 131072, 1 << 20
    };

    /** What a buffer may be. */
    enum Kind {
        HEAP,
        DIRECT,
        READ_ONLY,
        READ_ONLY_DIRECT,
        SLICED,
        SLICED_DIRECT,
        WITH_OFFSET;

        ByteBuffer of(byte[] data) {
            return switch (this) {
                case HEAP -> ByteBuffer.wrap(data);
                case DIRECT -> ByteBuffer.allocateDirect(data.length).put(data).flip();
                case READ_ONLY -> ByteBuffer.wrap(data).asReadOnlyBuffer();
                case READ_ONLY_DIRECT -> DIRECT.of(data).asReadOnlyBuffer();
                case SLICED -> padded(ByteBuffer.allocate(data.length + 20), data).slice(10, data.length);
                case SLICED_DIRECT -> padded(ByteBuffer.allocateDirect(data.length + 20), data).slice(10, data.length);
                case WITH_OFFSET -> padded(ByteBuffer.allocateDirect(data.length + 20), data)
                        .position(10).limit(10 + data.length);
            };
        }

        private static ByteBuffer padded(ByteBuffer buffer, byte[] data) {
            return buffer.put(10, data);
        }
    }

    @Test
    void textIsWrittenInUtf8AndHalfASurrogatePairIsNone() throws Exception {
        Ends ends = ends();
        assertTrue(ends.a().write("t\u00e4xt \ud83d\ude00"));
        assertThrows(IllegalArgumentException.class, () -> ends.a().write("x\ud83d"));
        assertThrows(IllegalArgumentException.class, () -> ends.a().write("\ude00", logs("never")));
        ends.a().write("", logs("nothing"));
        ends.a().write(", more", logs("more"));
        finishWriting(ends.a());
        Received received = receive(ends.b());
        runUntil(() -> received.end() != null);
        assertEquals("t\u00e4xt \ud83d\ude00, more", received.text());
        assertEquals(List.of("nothing", "more"), log);
    }

    @Test
    void aListOfVeryManyBuffersIsOneRequest() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        List<ByteBuffer> data = Collections.nCopies(50_000, ByteBuffer.wrap(bytes("x")));
        ends.a().write(data, (a, error) -> {
            throwIfAny(error);
            a.close();
        });
        run();
        assertEquals(50_000, received.text().length());
    }

    @ParameterizedTest
    @EnumSource
    void everySizeArrives(Kind kind) throws Exception {
        for (int size : SIZES) {
            Ends ends = ends();
            byte[] data = pattern(size);
            ends.a().write(kind.of(data), (a, error) -> a.close());
            Received received = receive(ends.b());
            run();
            assertArrayEquals(data, received.bytes(), () -> kind + " of " + size);
        }
    }

    @Test
    void sizesAndKindsMixedInOneCallbackArriveInOrder() throws Exception {
        Ends ends = ends();
        byte[] all = pattern(Arrays.stream(SIZES).sum() * 2);
        int at = 0;
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < SIZES.length; i++) {
                Kind kind = Kind.values()[(i + round * 3) % Kind.values().length];
                ends.a().write(kind.of(Arrays.copyOfRange(all, at, at + SIZES[i])));
                at += SIZES[i];
            }
        }
        ends.a().shutdown((a, error) -> a.close());
        Received received = receive(ends.b());
        run();
        assertArrayEquals(all, received.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13, 4095, 4097})
    void manyWritesOfOneCallbackArriveInOrder(int size) throws Exception {
        Ends ends = ends();
        byte[] all = pattern(size * 3_000);
        Timer timer = new Timer(loop);
        timer.start(itself -> {
            for (int i = 0; i < all.length; i += size) {
                ends.a().write(ByteBuffer.wrap(all, i, size));
            }
            ends.a().shutdown((a, error) -> a.close());
            itself.close();
        }, Duration.ZERO);
        Received received = receive(ends.b());
        run();
        assertArrayEquals(all, received.bytes());
    }

    @Test
    void pingPongKeepsEveryByte() throws Exception {
        Ends ends = connected();
        int rounds = 500;
        int[] count = new int[1];
        echo(ends.b());
        ByteBuffer ping = ByteBuffer.allocateDirect(5).put(bytes("PING\n")).flip();
        StringBuilder pong = new StringBuilder();
        ends.a().startRead((a, data, error) -> {
            if (data == null) {
                a.close();
                return;
            }
            pong.append(text(data));
            if (pong.length() == 5) {
                assertEquals("PING\n", pong.toString());
                pong.setLength(0);
                if (++count[0] < rounds) {
                    a.write(ping);
                } else {
                    finishWriting(a);
                }
            }
        });
        ends.a().write(ping);
        run();
        assertEquals(rounds, count[0]);
    }

    @Test
    void bothDirectionsFlowAtOnce() throws Exception {
        Ends ends = connected();
        byte[] there = pattern(2_000_000);
        byte[] back = pattern(1_999_999);
        ends.a().write(there);
        ends.b().write(back);
        boolean halfClose = kernel.has(Trait.HALF_CLOSE);
        if (halfClose) {
            ends.a().shutdown();
            ends.b().shutdown();
        }
        Received atB = receiveOnly(ends.b());
        Received atA = receiveOnly(ends.a());
        runUntil(() -> halfClose
                ? atA.end() != null && atB.end() != null
                : atA.size() == back.length && atB.size() == there.length);
        assertArrayEquals(there, atB.bytes());
        assertArrayEquals(back, atA.bytes());
    }

    private static void echo(Pipe pipe) throws Exception {
        pipe.startRead((itself, data, error) -> {
            if (data != null) {
                itself.write(data);
            } else {
                itself.close();
            }
        });
    }

    @Test
    void whatOneLoopHasReadMayBeWrittenByAnotherOfItsThread() throws Exception {
        byte[] all = pattern(30_000);
        Ends ends = ends();
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            Pipe[] far = Pipe.pair(other);
            Received received = new Received(all.length);
            far[1].startRead(received);
            int[] read = new int[1];
            ends.b().startRead((b, data, end) -> {
                read[0] += data.remaining();
                far[0].write(data);
            });
            // The other loop sends nothing before this one has read again.
            for (int i = 1; i <= 3; i++) {
                int soFar = i * 10_000;
                ends.a().write(Arrays.copyOfRange(all, soFar - 10_000, soFar));
                runUntil(() -> read[0] == soFar);
            }
            while (received.size() < all.length) {
                other.run(RunMode.NOWAIT);
            }
            assertArrayEquals(all, received.bytes());
        }
    }
}
