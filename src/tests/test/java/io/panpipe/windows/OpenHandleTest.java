/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HANDLEs that come from elsewhere, and those that go there. */
class OpenHandleTest extends WindowsTest {

    private static final int BOTH = Win32.GENERIC_READ | Win32.GENERIC_WRITE;

    private static void assertFails(ErrorCode code, Executable call) {
        assertEquals(code, assertThrows(PanpipeException.class, call).code());
    }

    /** Opens the client's end of a server of Windows's own functions. */
    private Ends adopted() throws PanpipeException {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, 0, 1));
        Pipe pipe = new Pipe(loop);
        pipe.open(Win32.open(name, BOTH, Win32.OVERLAPPED));
        return new Ends(pipe, server);
    }

    @Test
    void anOpenPipeTalks() throws Exception {
        Ends ends = adopted();
        ends.pipe().write(bytes("out"), logs("written"));
        runUntil(() -> !log.isEmpty());
        assertEquals("out", new String(Win32.read(ends.client(), 10)));
        Received received = receive(ends.pipe());
        Win32.write(ends.client(), bytes("in"));
        runUntil(() -> received.text().equals("in"));
        assertTrue(ends.pipe().readable() && ends.pipe().writable());
    }

    @Test
    void whatIsNoOpenPipeIsRefusedAndStaysTheCallers() throws Exception {
        assertFails(ErrorCode.EBADF, () -> new Pipe(loop).open(0x7ffffffcL));
        assertFails(ErrorCode.EBADF, () -> new Pipe(loop).open(-1));
        long file = closing(Win32.createFile(System.getProperty("java.io.tmpdir") + "\\panpipe-" + System.nanoTime()));
        assertFails(ErrorCode.EINVAL, () -> new Pipe(loop).open(file));
        assertTrue(Win32.isOpen(file));
        long unconnected = closing(Win32.createPipe(freshName(), Win32.DUPLEX | Win32.OVERLAPPED, 0, 1));
        assertFails(ErrorCode.EINVAL, () -> new Pipe(loop).open(unconnected));
        Ends ends = adopted();
        long handle = ends.pipe().fileno();
        assertFails(ErrorCode.EEXIST, () -> new Pipe(loop).open(handle));
    }

    @Test
    void aDetachedPipeGoesOnInAnotherLoopByEvents() throws Exception {
        Ends ends = served();
        Received first = receive(ends.pipe());
        Win32.write(ends.client(), bytes("before"));
        runUntil(() -> first.text().equals("before"));
        long handle = ends.pipe().detach();
        try (Loop other = new Loop()) {
            Pipe pipe = new Pipe(other);
            pipe.open(handle);
            Received second = receive(pipe);
            Win32.write(ends.client(), bytes("after"));
            while (!second.text().equals("after")) {
                other.run(RunMode.ONCE);
            }
            byte[] data = pattern(300_000);
            pipe.write(data, (itself, error) -> itself.stopRead());
            byte[][] read = new byte[1][];
            Thread reader = Thread.ofPlatform().start(() -> read[0] = Win32.readFully(ends.client(), data.length));
            other.run();
            reader.join();
            assertArrayEquals(data, read[0]);
        }
        assertEquals(0, eventThreads(), "threads left");
    }

    /** More than one thread can wait for. */
    @Test
    void twoHundredPipesAreDrivenByEvents() throws Exception {
        List<Ends> all = new ArrayList<>();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Ends ends = served();
            all.add(ends);
            handles.add(ends.pipe().detach());
        }
        try (Loop other = new Loop()) {
            int[] echoed = new int[1];
            for (long handle : handles) {
                Pipe pipe = new Pipe(other);
                pipe.open(handle);
                pipe.startRead((itself, data, error) -> {
                    itself.write(data);
                    if (++echoed[0] == 400) {
                        other.stop();
                    }
                });
            }
            other.run(RunMode.NOWAIT);
            assertEquals(4, eventThreads());
            all.forEach(ends -> Win32.write(ends.client(), bytes("1")));
            Thread client = Thread.ofPlatform().start(() -> {
                for (Ends ends : all) {
                    Win32.read(ends.client(), 1);
                    Win32.write(ends.client(), bytes("2"));
                }
            });
            other.run();
            client.join();
            assertEquals(400, echoed[0]);
        }
        assertEquals(0, eventThreads(), "threads left");
    }

    private static long eventThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("panpipe-events")).count();
    }

    @Test
    void closingOneHandleOfAPipeLeavesWhatGoesOnByAnotherAlone() throws Exception {
        Ends ends = served();
        try (Loop other = new Loop()) {
            Pipe second = new Pipe(other);
            second.open(Win32.duplicateFrom(ProcessHandle.current().pid(), ends.pipe().fileno()));
            byte[] data = pattern(300_000);
            second.write(data, logs("written"));
            other.run(RunMode.NOWAIT);
            ends.pipe().close();
            loop.run();
            byte[][] read = new byte[1][];
            Thread reader = Thread.ofPlatform().start(() -> read[0] = Win32.readFully(ends.client(), data.length));
            other.run();
            reader.join();
            assertEquals(List.of("written"), log);
            assertArrayEquals(data, read[0]);
        }
    }

    @Test
    void packetsOfOthersDoNotDisturbTheLoop() throws Exception {
        Ends ends = served();
        Received received = receive(ends.pipe());
        ends.pipe().stopRead();
        long handle = closing(Win32.duplicateFrom(ProcessHandle.current().pid(), ends.pipe().fileno()));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment overlapped = arena.allocate(32, 8);
            Win32.kernel("ReadFile", handle, arena.allocate(10).address(), 1, 0, overlapped.address());
            Win32.write(ends.client(), bytes("12"));
            loop.run(RunMode.NOWAIT);
            loop.run(RunMode.NOWAIT);
            Received rest = receive(ends.pipe());
            runUntil(() -> rest.text().equals("2"));
            assertEquals("", received.text());
        }
    }

    @Test
    void detachIsRefusedWhileAWriteIsInFlight() throws Exception {
        Ends ends = served();
        ends.pipe().write(new byte[500_000], logs("write"));
        loop.run(RunMode.NOWAIT);
        assertThrows(IllegalStateException.class, () -> ends.pipe().detach());
        ends.pipe().close();
        run();
        assertEquals(List.of("write ECANCELED"), log);
    }

    @ParameterizedTest
    @ValueSource(ints = {Win32.OVERLAPPED, 0})
    void anOpenPipeOfMessagesEndsWithAnEmptyOne(int flags) throws Exception {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, Win32.TYPE_MESSAGE, 1));
        Pipe pipe = new Pipe(loop);
        pipe.open(Win32.open(name, BOTH, flags));
        Received received = receive(pipe);
        Win32.write(server, bytes("all"));
        Win32.write(server, new byte[0]);
        runUntil(() -> !received.end.isEmpty());
        assertEquals("all", received.text());
        assertEquals("EOF", received.end);
    }

    /** The mode is one of the pipe's end, the right to change it one of the HANDLE. */
    @Test
    void aHandleThatDoesNotWaitAndCannotBeMadeToIsRefused() throws Exception {
        int noWait = 1;
        String name = freshName();
        long all = closing(Win32.createPipe(name, Win32.DUPLEX | Win32.OVERLAPPED, noWait, 1));
        closing(Win32.open(name));
        long reading = closing(Win32.duplicateHere(all, Win32.GENERIC_READ));
        PanpipeException refused = assertThrows(PanpipeException.class, () -> new Pipe(loop).open(reading));
        assertEquals(ErrorCode.EINVAL, refused.code());
        assertTrue(refused.getMessage().contains("PIPE_NOWAIT"), refused::getMessage);
        assertTrue(Win32.isOpen(reading), "it stays the caller's");
        Win32.haveWait(all);
        Pipe waits = new Pipe(loop);
        waits.open(Win32.duplicateHere(all, Win32.GENERIC_READ));
        assertTrue(waits.readable() && !waits.writable());
    }
}
