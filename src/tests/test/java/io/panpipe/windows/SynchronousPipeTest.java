/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Pipes that were opened for synchronous I/O: anonymous ones, and named ones without FILE_FLAG_OVERLAPPED. */
class SynchronousPipeTest extends WindowsTest {

    private static final int BUFFER = 4096;
    private static final int STD_INPUT_HANDLE = -10;

    private Pipe open(long handle) throws PanpipeException {
        Pipe pipe = new Pipe(loop);
        pipe.open(handle);
        return pipe;
    }

    /** Runs what waits on a thread of the test's own. */
    private static CompletableFuture<byte[]> aside(Supplier<byte[]> work) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(work.get());
            } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
            }
        });
        return result;
    }

    /** Returns bytes that the loop writes from where they are, all at once. */
    private static ByteBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length).put(0, pattern(length));
    }

    @Test
    void readsWhatIsWrittenAndTheEnd() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        Pipe pipe = open(ends.reading());
        assertTrue(pipe.readable());
        assertFalse(pipe.writable());
        assertEquals(ends.reading(), pipe.fileno());
        Received received = receive(pipe);
        Win32.write(ends.writing(), bytes("one"));
        runUntil(() -> received.text().equals("one"));
        Win32.write(ends.writing(), bytes(" two"));
        runUntil(() -> received.text().equals("one two"));
        Win32.close(ends.writing());
        runUntil(() -> received.end.equals("EOF"));
        pipe.close();
        run();
        assertFalse(Win32.isPipe(ends.reading()));
    }

    @Test
    void aWriteIsInFlightUntilTheReaderHasMadeRoom() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.reading());
        Pipe pipe = open(ends.writing());
        assertTrue(pipe.writable());
        assertFalse(pipe.readable());
        byte[] data = pattern(1_000_000);
        pipe.write(data, logs("all"));
        pipe.write(bytes("end"), logs("end"));
        boolean[] turned = new boolean[1];
        new Timer(loop).start(timer -> {
            turned[0] = true;
            timer.close();
        }, Duration.ofMillis(20));
        runUntil(() -> turned[0]);
        assertEquals(List.of(), log);
        assertEquals(data.length + 3, pipe.writeQueueSize());
        CompletableFuture<byte[]> read = aside(() -> Win32.readFully(ends.reading(), data.length + 3));
        runUntil(() -> log.equals(List.of("all", "end")));
        byte[] all = read.get(Patience.seconds(30).toMillis(), TimeUnit.MILLISECONDS);
        assertArrayEquals(data, Arrays.copyOf(all, data.length));
        assertEquals("end", new String(all, data.length, 3));
        assertEquals(0, pipe.writeQueueSize());
    }

    @Test
    void carriesMuchBetweenTwoOfThem() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        Pipe from = open(ends.writing());
        Pipe to = open(ends.reading());
        byte[] data = pattern(3_000_000);
        from.write(data, (pipe, error) -> {
            logs("written").call(pipe, error);
            pipe.close();
        });
        Received received = receive(to);
        runUntil(() -> received.end.equals("EOF"));
        assertArrayEquals(data, received.bytes.toByteArray());
        assertEquals(List.of("written"), log);
    }

    @Test
    void closingEndsAReadThatWaits() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.writing());
        Pipe pipe = open(ends.reading());
        Received received = receive(pipe);
        Win32.write(ends.writing(), bytes("x"));
        runUntil(() -> received.text().equals("x"));
        pipe.close(closed -> log.add("closed"));
        run();
        assertEquals(List.of("closed"), log);
        loop.close();
        assertFalse(Win32.isPipe(ends.reading()), "the last user closes it");
    }

    @Test
    void closingCancelsAWriteInFlight() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.reading());
        Pipe pipe = open(ends.writing());
        pipe.write(direct(1_000_000), logs("first"));
        pipe.write(bytes("second"), logs("second"));
        pipe.onDrain(drained -> log.add("drained"));
        loop.run(RunMode.NOWAIT);
        assertEquals(pattern(100)[99], Win32.readFully(ends.reading(), 100)[99], "it is being written");
        pipe.close(closed -> log.add("closed"));
        run();
        assertEquals(List.of("first ECANCELED", "second ECANCELED", "closed"), log);
    }

    @Test
    void aWriteWithoutReaderIsAnEpipe() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        Pipe pipe = open(ends.writing());
        Win32.close(ends.reading());
        pipe.write(bytes("lost"), logs("lost"));
        run();
        assertEquals(List.of("lost EPIPE"), log);
    }

    @Test
    void theReaderGoesInTheMiddleOfAWrite() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        Pipe pipe = open(ends.writing());
        pipe.write(direct(1_000_000), logs("long"));
        loop.run(RunMode.NOWAIT);
        Win32.readFully(ends.reading(), 200_000);
        Win32.close(ends.reading());
        run();
        assertEquals(List.of("long EPIPE"), log);
    }

    @Test
    void stoppingToReadLosesNothing() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.writing());
        Pipe pipe = open(ends.reading());
        Received first = receive(pipe);
        Win32.write(ends.writing(), bytes("one"));
        runUntil(() -> first.text().equals("one"));
        pipe.stopRead();
        Win32.write(ends.writing(), bytes("two"));
        loop.run(RunMode.NOWAIT);
        Received second = receive(pipe);
        runUntil(() -> second.text().equals("two"));
        assertEquals("one", first.text());
    }

    @Test
    void aWriteOfNoBytesIsNoEnd() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.writing());
        Pipe pipe = open(ends.reading());
        Received received = receive(pipe);
        loop.run(RunMode.NOWAIT);
        Win32.write(ends.writing(), new byte[0]);
        Win32.write(ends.writing(), bytes("more"));
        runUntil(() -> received.text().equals("more"));
        assertEquals("", received.end);
    }

    @Test
    void shutdownIsAnEnotsupBehindWhatWasWritten() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.reading());
        Pipe pipe = open(ends.writing());
        pipe.write(bytes("text"), logs("text"));
        pipe.shutdown(logs("shutdown"));
        run();
        assertEquals(List.of("text", "shutdown ENOTSUP"), log);
        assertEquals("text", new String(Win32.readFully(ends.reading(), 4)));
    }

    @Test
    void detachGivesBackAHandleThatWasNotUsed() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.reading());
        closing(ends.writing());
        assertEquals(ends.reading(), open(ends.reading()).detach());
        run();
        Win32.write(ends.writing(), bytes("still"));
        assertEquals("still", new String(Win32.readFully(ends.reading(), 5)));
    }

    @Test
    void detachIsAnEbusyOnceAThreadMayHaveReadAhead() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.writing());
        Pipe pipe = open(ends.reading());
        receive(pipe);
        loop.run(RunMode.NOWAIT);
        pipe.stopRead();
        assertEquals(ErrorCode.EBUSY, assertThrows(PanpipeException.class, pipe::detach).code());
    }

    @Test
    void aHandleIsAdoptedOnce() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.writing());
        open(ends.reading());
        PanpipeException refused = assertThrows(PanpipeException.class, () -> open(ends.reading()));
        assertEquals(ErrorCode.EEXIST, refused.code());
    }

    @Test
    void aPipeThatCarriesHandlesHasToBeOverlapped() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.reading());
        Pipe pipe = new Pipe(loop, true);
        pipe.open(ends.writing());
        pipe.write(bytes("no frame"), logs("write"));
        run();
        assertEquals(List.of("write ENOTSUP"), log);
    }

    @Test
    void aReadThatWaitsMakesWayForAWrite() throws Exception {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, 0, 1));
        long client = Win32.open(name);
        Win32.connect(server);
        Pipe pipe = open(client);
        assertTrue(pipe.readable() && pipe.writable());
        Received received = receive(pipe);
        for (int i = 0; i < 50; i++) {
            Win32.write(server, bytes("ping"));
            int length = 4 * (i + 1);
            runUntil(() -> received.text().length() == length);
            pipe.write(ByteBuffer.wrap(bytes("pong")));
            CompletableFuture<byte[]> read = aside(() -> Win32.readFully(server, 4));
            runUntil(() -> read.isDone() || nap());
            assertEquals("pong", new String(read.join()));
        }
        assertEquals("ping".repeat(50), received.text());
    }

    private boolean nap() {
        loop.execute(() -> {});
        return false;
    }

    /** Does something while a HANDLE is the process's standard input. */
    private void asStandardInput(long handle, Action action) throws Exception {
        long before = Win32.kernel("GetStdHandle", STD_INPUT_HANDLE).value();
        assertTrue(Win32.kernel("SetStdHandle", STD_INPUT_HANDLE, handle).isTrue());
        try {
            action.run();
        } finally {
            assertTrue(Win32.kernel("SetStdHandle", STD_INPUT_HANDLE, before).isTrue());
        }
    }

    /** Something of a test. */
    private interface Action {
        void run() throws Exception;
    }

    @Test
    void zeroIsStandardInputWhichStaysOpen() throws Exception {
        AnonymousPipe ends = AnonymousPipe.create(BUFFER);
        closing(ends.reading());
        closing(ends.writing());
        asStandardInput(ends.reading(), () -> {
            Pipe pipe = open(0);
            assertEquals(ends.reading(), pipe.fileno());
            Received received = receive(pipe);
            Win32.write(ends.writing(), bytes("typed"));
            runUntil(() -> received.text().equals("typed"));
            pipe.close();
            run();
            loop.close();
        });
        assertTrue(Win32.isPipe(ends.reading()));
        Win32.write(ends.writing(), bytes("later"));
        assertEquals("later", new String(Win32.readFully(ends.reading(), 5)), "nobody reads it any more");
    }

    @Test
    void anOverlappedStandardInputStaysOpenToo() throws Exception {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.OUTBOUND, 0, 1));
        long client = closing(Win32.open(name, Win32.GENERIC_READ, Win32.OVERLAPPED));
        Win32.connect(server);
        asStandardInput(client, () -> {
            Pipe pipe = open(client);
            Received received = receive(pipe);
            Win32.write(server, bytes("typed"));
            runUntil(() -> received.text().equals("typed"));
            pipe.close();
            run();
        });
        assertTrue(Win32.isPipe(client));
    }
}
