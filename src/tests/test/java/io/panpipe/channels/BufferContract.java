/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.contract.Truncated;
import java.lang.foreign.Arena;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a channel makes of buffers whose memory the loop's thread cannot touch: of one thread alone, or given back. */
abstract class BufferContract extends ChannelFixture {

    private static ByteBuffer bufferWhoseMemoryIsGone() {
        try (Arena arena = Arena.ofShared()) {
            return arena.allocate(100).asByteBuffer();
        }
    }

    @Test
    void buffersOfOneThreadAloneWork() throws Exception {
        Ends ends = ends();
        try (Arena mine = Arena.ofConfined()) {
            ByteBuffer confined = mine.allocate(100_000).asByteBuffer();
            for (int i = 0; i < confined.capacity(); i++) {
                confined.put(i, (byte) (i * 31));
            }
            Running<byte[]> reading = start(() -> ends.b().inputStream().readNBytes(confined.capacity()));
            assertEquals(100_000, ends.a().write(confined));
            byte[] there = reading.get();
            confined.clear();
            // Once with the reader waiting, once with the data there.
            Running<?> writing = start(() -> ends.b().write(ByteBuffer.wrap(there)));
            while (confined.hasRemaining()) {
                ends.a().read(confined);
            }
            writing.get();
            confined.flip();
            byte[] back = new byte[100_000];
            confined.get(back);
            assertArrayEquals(there, back);
            for (int i = 0; i < back.length; i++) {
                assertEquals((byte) (i * 31), back[i]);
            }
        }
    }

    @Test
    void aBufferWhoseMemoryIsGoneEndsTheReadOfAThreadAndLeavesTheData() throws Exception {
        Ends ends = ends();
        Arena arena = Arena.ofShared();
        ByteBuffer gone = arena.allocate(100).asByteBuffer();
        Running<IllegalStateException> reading =
                start(() -> assertThrows(IllegalStateException.class, () -> ends.a().read(gone))).parked();
        arena.close();
        ends.b().write(bytes("kept"));
        assertTrue(reading.get().getMessage().contains("closed"));
        assertEquals("kept", readText(ends.a(), 4));
    }

    @Test
    void aBufferThatTakesNothingLeavesTheDataToThoseBeforeIt() throws Exception {
        Ends ends = ends();
        ByteBuffer gone = bufferWhoseMemoryIsGone();
        ends.b().write(bytes("one two"));
        await("the data is there", () -> available(ends.a()) == 7);
        ByteBuffer first = ByteBuffer.allocate(4);
        assertEquals(4, ends.a().read(new ByteBuffer[] {first, gone}));
        assertEquals("one ", text(first));
        assertThrows(IllegalStateException.class, () -> ends.a().read(gone));
        assertEquals("two", readText(ends.a(), 3));
        // And nothing is believed to be in the queue that is not: the next read waits.
        ends.a().readTimeout(Duration.ofMillis(10));
        assertThrows(SocketTimeoutException.class, () -> ends.a().read(ByteBuffer.allocate(1)));
        ends.b().close();
        ends.a().readTimeout(Duration.ZERO);
        assertEquals(-1, ends.a().read(ByteBuffer.allocate(1)));
    }

    /** As with the JDK's channels: each mention sends what is left of it before the call. */
    @Test
    void theSameBufferTwiceIsSentTwice() throws Exception {
        Ends ends = ends();
        for (ByteBuffer twice : new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocateDirect(3)}) {
            ByteBuffer behind = ByteBuffer.allocate(3);
            assertEquals(6, ends.a().write(new ByteBuffer[] {twice.put(bytes("one")).flip(), twice}));
            assertEquals(6, ends.a().write(new ByteBuffer[] {twice.flip(), twice, behind}, 0, 2));
            assertEquals(0, twice.remaining());
            assertEquals(3, behind.remaining(), "not one of them");
            assertEquals("oneoneoneone", readText(ends.b(), 12));
        }
    }

    @Test
    void aBufferWhoseMemoryIsGoneFailsItsReadAndLeavesTheData() throws Exception {
        Ends ends = ends();
        CompletableFuture<Integer> reading;
        try (Arena arena = Arena.ofShared()) {
            reading = ends.a().readAsync(arena.allocate(100).asByteBuffer());
        }
        ends.b().write(bytes("kept"));
        assertInstanceOf(IllegalStateException.class, failure(reading));
        assertFalse(reading.cancel(true), "it is complete, and cancelling it returns");
        assertEquals("kept", readText(ends.a(), 4));
    }

    @Test
    void aBufferWhoseMemoryIsGoneIsToldWithTheDataThere() throws Exception {
        Ends ends = ends();
        ByteBuffer gone = bufferWhoseMemoryIsGone();
        ends.b().write(bytes("kept"));
        await("the data is there", () -> available(ends.a()) == 4);
        assertInstanceOf(IllegalStateException.class, failure(ends.a().readAsync(gone)));
        assertEquals("kept", readText(ends.a(), 4));
    }

    // Memory that throws an Error.

    @Test
    void aWriteOfMemoryThatThrowsAnErrorFailsAndNothingIsStuck() throws Exception {
        for (int size : new int[] {100, 4096, 8192, 1_000_000}) {
            Ends ends = ends();
            ByteBuffer gone = Truncated.buffer(size);
            Throwable told = start(() -> assertThrows(Throwable.class, () -> ends.a().write(gone))).get();
            assertUnreadable(told);
            assertUnreadable(failure(ends.a().writeAsync(Truncated.buffer(size))));
            Running<Throwable> gathering = start(() -> assertThrows(
                    Throwable.class, () -> ends.a().write(new ByteBuffer[] {bytes("header"), Truncated.buffer(size)})));
            assertUnreadable(gathering.get());
            CompletableFuture<Integer> first = ends.a().writeAsync(Truncated.buffer(size));
            CompletableFuture<Integer> behind = ends.a().writeAsync(bytes("good"));
            assertUnreadable(failure(first));
            assertEquals(4, get(behind));
            assertEquals("good", readText(ends.b(), 4));
            start(() -> {
                ends.a().shutdownOutput();
                return null;
            }).get();
            assertEquals(-1, ends.b().read(ByteBuffer.allocate(1)));
        }
    }

    private static void assertUnreadable(Throwable told) {
        // The loop's copy meets the Error, and the system, which is lent long memory, says EFAULT. Neither is another thread's.
        boolean isRefusal = told instanceof PanpipeException refused && refused.code() == ErrorCode.EFAULT;
        assertTrue(told instanceof InternalError || isRefusal, told::toString);
    }
}
